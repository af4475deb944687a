"""Random histories of bills, forgetting, entries and sweeps under changing settings, beside a model of each day.

The model knows days, not scripts: for each place it has the last write, and for each service the final total of a day
once the retention has reached it.
"""

import io
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kumo.domain.entries import Entry, Series
from kumo.domain.imports import Import
from kumo.engine import ingest
from kumo.engine.imports import lifecycle
from kumo.engine.queries import lookup
from kumo.errors import InvalidEntryError
from kumo.services import Services
from kumo.store.partition import Partition
from tests.conftest import Build
from tests.engine.detection.arrivals import everything
from tests.engine.imports import bills
from tests.engine.imports.aging import on, start_of, swept, totals
from tests.engine.imports.bills import row, sound
from tests.engine.imports.test_kills import Killed, dying

TODAY = 30
MICROS = 10_000
Day = tuple[int, str]
deliveries = st.dictionaries(
    st.tuples(st.integers(0, 8), st.sampled_from(("EC2", "S3", "RDS"))),
    st.sampled_from([1000, 1001, 1010, 90_000, -500, 0]),
    min_size=1,
    max_size=16,
)
# Days that are kept: 0 is for ever, the others begin among those of the bills, or after or before them.
retentions = st.sampled_from([0, 0, 20, 24, 25, 26, 27, 29, 40])
POSTED = (Series("posted", "USD"), Series("sent", "USD"))


@dataclass
class Held:
    """The content of a place: cents, and the import that wrote it last."""

    cents: int
    writer: str


@dataclass
class Model:
    """The last writes, and the expected totals."""

    held: dict[str, dict[Day, Held]] = field(default_factory=lambda: {"1": {}, "2": {}})
    posted: dict[tuple[str, int], int] = field(default_factory=dict)
    gone: Counter[Day] = field(default_factory=Counter)
    days_gone: set[Day] = field(default_factory=set)
    reached: dict[Partition, int] = field(default_factory=dict)

    @property
    def highest(self) -> int:
        """Return the day up to which imports leave days alone."""
        return max(self.reached.values(), default=0)

    def first_kept(self, kept: int) -> int:
        """Return the first day that an import writes to under a retention."""
        return max(self.highest, TODAY - kept if kept else 0)

    def deliver(self, account: str, said: dict[Day, int], since: int, writer: str) -> None:
        """Replace the days of a bill from a day on."""
        first, last = max(since, min(day for day, _ in said)), max(day for day, _ in said)
        held = self.held[account]
        for place in [place for place in held if first <= place[0] <= last]:
            del held[place]
        held.update({place: Held(cents, writer) for place, cents in said.items() if place[0] >= since})

    def sweep(self, partitions: dict[str, Partition], before: int) -> None:
        """Remove entries before a day."""
        for account, held in self.held.items():
            old = {place: each.cents for place, each in held.items() if place[0] < before}
            for place, cents in old.items():
                self._go(partitions, place, cents, before)
                del self.held[account][place]
        for (service, day), cents in list(self.posted.items()):
            if day < before:
                self._go(partitions, (day, service), cents, before)
                del self.posted[service, day]

    def _go(self, partitions: dict[str, Partition], place: Day, cents: int, before: int) -> None:
        partition = partitions[place[1]]
        self.reached[partition] = max(before, self.reached.get(partition, 0))
        self.gone[place] += cents
        self.days_gone.add(place)

    def totals(self) -> dict[Day, int]:
        """Return the total of each day of each service, in cents."""
        found = Counter({place: self.gone[place] for place in self.days_gone})
        for place, each in (item for held in self.held.values() for item in held.items()):
            found[place] += each.cents
        for (service, day), cents in self.posted.items():
            found[day, service] += cents
        return dict(found)


class History(RuleBasedStateMachine):
    """Kumo beside the model."""

    services: Services

    def __init__(self) -> None:
        super().__init__()
        self.services.store.client.flushall()
        self.model = Model()
        self.imports: dict[str, str] = {}
        self.last_of = {"1": "", "2": ""}

    @rule(account=st.sampled_from(["1", "2"]), said=deliveries, kept=retentions)
    def deliver(self, account: str, said: dict[Day, int], kept: int) -> None:
        """Import a bill."""
        self._said(account, said, kept, self._load(on(self.services, TODAY, kept), account, said))

    @rule(
        account=st.sampled_from(["1", "2"]), said=deliveries, kept=retentions, sweep=retentions, at=st.integers(1, 12)
    )
    def deliver_with_a_sweep_in_between(
        self, account: str, said: dict[Day, int], kept: int, sweep: int, at: int
    ) -> None:
        """Import a bill, kill that somewhere, sweep, and import it again."""
        first = max(min(day for day, _ in said), self.model.first_kept(kept))
        today = on(self.services, TODAY, kept)
        mortal, _ = dying(today, at)
        try:
            self._said(account, said, kept, self._load(mortal, account, said))
            claimed = False
        except Killed:
            claimed = at > 1
        self._sweep(sweep, first if claimed else TODAY)
        self._said(account, said, kept, self._load(today, account, said))

    def _load(self, services: Services, account: str, said: dict[Day, int]) -> Import:
        rows = [row(day, service, cents / 100, BillingAccountId=account) for (day, service), cents in said.items()]
        found = lifecycle.run(services, io.BytesIO(bills.focus(*rows)), "bill.csv", bills.USD)
        assert found.error is None
        return found

    def _said(self, account: str, said: dict[Day, int], kept: int, found: Import) -> None:
        since = self.model.first_kept(kept)
        assert found.left_out == len({day for day, _ in said if day < since})
        name = found.same_as or found.id
        if name not in self.imports:  # the next import completes a killed one, and says so
            self.model.deliver(account, said, since, name)
            self.imports[name] = account
            self.last_of[account] = name
        elif found.same_as == self.last_of[account]:
            before = self.model.totals()
            self.model.deliver(account, said, since, found.same_as)
            assert self.model.totals() == before, "there was something to do"

    @rule(kept=retentions)
    def sweep(self, kept: int) -> None:
        """Run the retention."""
        self._sweep(kept, TODAY)

    def _sweep(self, kept: int, most: int) -> None:
        known = lookup.list_series(self.services, everything()).rows
        partitions = {each.series.service: self.services.store.partition(each.id) for each in known}
        swept(on(self.services, TODAY, kept))
        if kept:
            self.model.sweep(partitions, min(TODAY - kept, most))

    @rule(which=st.integers(0, 30))
    def forget(self, which: int) -> None:
        """Forget one of the imports, perhaps one that was forgotten before."""
        if self.imports:
            name = sorted(self.imports)[which % len(self.imports)]
            lifecycle.forget(self.services, name)
            account = self.imports[name]
            self.last_of[account] = ""
            held = self.model.held[account]
            since = self.model.highest
            for place in [place for place, each in held.items() if each.writer == name and place[0] >= since]:
                del held[place]

    @rule(series=st.sampled_from(POSTED), day=st.integers(0, 8), cents=st.integers(-(10**6), 10**6))
    def post(self, series: Series, day: int, cents: int) -> None:
        """Ingest an entry, or restate the one of that day."""
        entry = Entry(series, cents * MICROS, start_of(day), external_id=f"day {day}")
        known = (series.service, day) in self.model.posted
        try:
            ingest.ingest(self.services, [entry])
            taken = True
        except InvalidEntryError:
            taken = False
        assert taken == (known or day >= self.model.reached.get(self.services.store.partition(series.id), 0))
        if taken:
            self.model.posted[series.service, day] = cents

    @invariant()
    def each_day_comes_to_what_was_said_last(self) -> None:
        """Compare each total of a day."""
        said = self.model.totals().items()
        expected = {(f"2025-06-{day + 1:02}", service): cents * MICROS for (day, service), cents in said}
        assert dict(totals(self.services)) == expected

    @invariant()
    def the_entries_are_those_that_were_not_removed(self) -> None:
        """Compare the sum of all entries."""
        held = sum(each.cents for places in self.model.held.values() for each in places.values())
        assert sum(bills.sums(self.services).values()) == (held + sum(self.model.posted.values())) * MICROS

    def teardown(self) -> None:
        """Verify everything in the end."""
        sound(self.services)


def test_any_history_leaves_each_day_as_it_was_said_last_or_as_the_retention_found_it(build: Build) -> None:
    class OnServices(History):
        services = build(KUMO_WINDOW="6", KUMO_MIN_HISTORY="3", KUMO_PARTITIONS="3")

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OnServices,
        settings=settings(
            deadline=None, max_examples=30, stateful_step_count=15, suppress_health_check=list(HealthCheck)
        ),
    )
