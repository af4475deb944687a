"""Random histories and their expected results, computed without Kumo."""

from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import strategies as st

from kumo.domain.entries import Entry, Series
from kumo.engine import ingest
from kumo.engine.detection import judge
from kumo.engine.queries.views import Query
from kumo.services import Services

START = 1_750_000_000_000
SERIES = [Series("AWS EC2", "USD"), Series("AWS EC2", "EUR"), Series("S3", "USD", "aws", "42", "eu-west-1")]

amounts = st.one_of(
    st.integers(45_000_000, 55_000_000),
    st.integers(45_000_000, 55_000_000),
    st.sampled_from([500_000_000, 1_200_000_000]),
    st.sampled_from([1, -1, 0, 10**18, -(10**18), 500_000_000, 10**15]),
    st.integers(0, 300).map(lambda i: 10**15 + 10**4 * i),  # 10⁹ + 0.01·i
)


@dataclass(frozen=True)
class Arrival:
    """One entry as sent; `name` is its external id, and determines its time, so that it never conflicts."""

    series: int
    amount: int
    offset: int
    name: int | None

    def entry(self) -> Entry:
        time = START + (self.name * 37 if self.name is not None else self.offset)
        return Entry(SERIES[self.series], self.amount, time, external_id="" if self.name is None else f"id {self.name}")


arrivals = st.builds(
    Arrival,
    series=st.sampled_from([0, 0, 0, 1, 2]),
    amount=amounts,
    offset=st.integers(0, 400),
    name=st.one_of(st.none(), st.integers(0, 8)),
)
# Long and short ones are equally frequent: a window must fill, and entries must leave it.
histories = st.sampled_from([1, 20, 60, 90]).flatmap(lambda size: st.lists(arrivals, min_size=size // 2, max_size=size))


@dataclass
class Model:
    """A series the slow way: every entry kept, every figure recomputed."""

    window: int
    entries: dict[int, tuple[int, int, str]] = field(default_factory=dict)

    def newest(self, without: int | None = None) -> list[int]:
        """The amounts of the window, without one entry if it is restated (its place stays empty)."""
        order = sorted(self.entries, key=lambda seq: (self.entries[seq][0], seq))[-self.window :]
        return [self.entries[seq][1] for seq in order if seq != without]

    def known(self, name: str) -> int | None:
        return next((seq for seq, entry in self.entries.items() if name and entry[2] == name), None)


def z_squared(history: list[int], amount: int) -> Fraction:
    n, mean = len(history), Fraction(sum(history), len(history))
    variance = sum((value - mean) ** 2 for value in history) / (n - 1)
    return (amount - mean) ** 2 / max(variance, (abs(mean) / 100) ** 2, Fraction(10**4) ** 2)


def send(services: Services, history: list[Arrival]) -> None:
    for arrival in history:
        ingest.ingest(services, [arrival.entry()])


def judge_all(services: Services) -> None:
    for partition in services.store.partitions:
        judge.judge_partition(services, partition.number)


def everything() -> Query:
    return Query(limit=1000)
