"""The place of a race: each rival has its own connection to one real server, whose clock stands still."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier, Lock, get_ident
from typing import Final, NamedTuple, TypeVar

from kumo.domain import moments
from kumo.domain.entries import Entry, Series
from kumo.store import client, entries, feed
from kumo.store import series as store_series
from kumo.store.client import Store
from kumo.store.commands import Command
from kumo.store.partition import Partition
from kumo.store.protocol import Answer
from kumo.store.signatures import Argument, Keys
from tests.clocks import StoreClock
from tests.cut_scripts import CutScripts, Passage

WINDOW: Final = 5
DAY: Final = 86_400_000
# In the future of the server's own clock, or keys that expire at a time of the scene would be gone at once.
START: Final = 30_000 * DAY
SERIES: Final = Series("AWS EC2", "USD", account="contention")
Found = TypeVar("Found")


class Scene(NamedTuple):
    """The actions of rivals and the invariant; and a passage of the script without which it does not hold."""

    play: Callable[["Stage"], None]
    safeguard: Passage


class Watched(CutScripts):
    """Scripts that note which threads run them."""

    def __init__(self, stage: "Stage", own: Store) -> None:
        super().__init__(own.client, stage.passages)
        self._stage = stage

    def run(self, script: str, keys: Keys, /, **args: Argument) -> Answer:
        self._stage.note(script)
        return super().run(script, keys, **args)

    def command(self, script: str, keys: Keys, args: Mapping[str, Argument]) -> Command[Answer]:
        self._stage.note(script)
        return super().command(script, keys, args)


@dataclass
class Stage:
    """A server; `passages` are replaced in scripts."""

    url: str
    passages: Mapping[str, Passage] = field(default_factory=dict)
    seen: dict[str, set[int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.store = self.open()
        self.clock = StoreClock(self.store)
        self.clock.set(START)
        self.store = self.open()

    @property
    def partition(self) -> Partition:
        """The only partition."""
        return self.store.partitions[0]

    def open(self) -> Store:
        """Return the store with its own connection."""
        made = client.build(client.connect(self.url), partitions=1, window=WINDOW)
        object.__setattr__(made, "scripts", Watched(self, made))
        return made

    def note(self, script: str) -> None:
        with self._lock:
            self.seen.setdefault(script, set()).add(get_ident())

    def rivals(self, *works: Callable[[Store], Found]) -> list[Found]:
        """Run all at once, each with its own connection; return what each found."""
        barrier = Barrier(len(works))

        def begin(work: Callable[[Store], Found]) -> Found:
            own = self.open()
            own.client.get("kumo:layout:none")  # connected, before all begin
            barrier.wait()
            return work(own)

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(begin, works))

    def record(self, store: Store, rows: Sequence[Entry], once: str | None = None) -> list[entries.Recorded]:
        """Record entries of SERIES."""
        return entries.record(store, self.partition, [(SERIES.id, row) for row in rows], once)[0]

    def judge_all(self) -> None:
        """Mark all arrivals as judged."""
        while True:
            cursor, rows = feed.pending(self.store, self.partition, 500)
            if not rows:
                return
            assert feed.commit(self.store, self.partition, cursor, rows[-1].seq, feed.Slice()) is not None

    def amounts(self) -> list[int]:
        """Return the amounts of SERIES, newest first."""
        return [amount for _, amount in store_series.amounts(self.store, SERIES.id)]

    def check_window(self) -> None:
        """Hold the moments of SERIES against its newest entries."""
        (window,) = store_series.windows(self.store, [SERIES.id])
        assert window.moments == moments.of(self.amounts()[:WINDOW])

    def check_days(self) -> None:
        """Hold the daily totals of SERIES against its entries."""
        days = [row for _, rows in store_series.daily(self.store, [SERIES.id], 0, 40_000) for row in rows]
        amounts = self.amounts()
        assert (sum(count for _, count, _ in days), sum(total for *_, total in days)) == (len(amounts), sum(amounts))

    def check_numbers(self) -> None:
        """Hold the numbers of pending arrivals against the count."""
        _, arrivals = feed.pending(self.store, self.partition, 10_000)
        head = int(self.store.client.get(self.partition.seq) or 0)
        assert [row.seq for row in arrivals] == list(range(head - len(arrivals) + 1, head + 1))


def entry(amount: int, time: int = START, name: str = "", series: Series = SERIES) -> Entry:
    """Make an entry."""
    return Entry(series, amount, time, external_id=name)
