"""Random sequences of importing, restating, forgetting, ingesting: the sums are always those of the last writes."""

import io
from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kumo.domain.entries import Entry
from kumo.engine import ingest
from kumo.engine.imports import lifecycle
from kumo.services import Services
from tests.conftest import Build
from tests.engine.detection.arrivals import SERIES, START, judge_all
from tests.engine.imports import bills
from tests.engine.imports.bills import row, sound

SERVICES = ("EC2", "S3", "RDS")
Day = tuple[int, str]
# Costs of a few days: mostly quiet ones, and some that stand out; at most three services.
deliveries = st.dictionaries(
    st.tuples(st.integers(0, 8), st.sampled_from(SERVICES)),
    st.sampled_from([1000, 1001, 1010, 1500, 90_000, -500, 0]),
    max_size=16,
)


class History(RuleBasedStateMachine):
    """Kumo beside a model: what each import says about each day, and what was ingested."""

    services: Services

    def __init__(self) -> None:
        super().__init__()
        self.services.store.client.flushall()
        self.held: dict[str, dict[Day, tuple[int, str]]] = {"1": {}, "2": {}}
        self.posted: Counter[str] = Counter()
        self.imports: dict[str, str] = {}

    @rule(account=st.sampled_from(["1", "2"]), said=deliveries, tax=st.booleans())
    def deliver(self, account: str, said: dict[Day, int], *, tax: bool) -> None:
        """Import a bill of an account that replaces the days it covers."""
        rows = [row(day, service, cents / 100, BillingAccountId=account) for (day, service), cents in said.items()]
        if tax and said:
            rows = [*rows, rows[0] | {"ChargeCategory": "Tax"}]
        found = lifecycle.run(self.services, io.BytesIO(bills.focus(*rows)), "bill.csv", bills.USD)
        assert found.error is None
        # The same bytes are no work, also if a later delivery has replaced them.
        if not said or found.same_as:
            return
        name = found.id
        first, last = min(day for day, _ in said), max(day for day, _ in said)
        held = self.held[account]
        for place in [place for place in held if first <= place[0] <= last]:
            del held[place]
        held.update({place: (cents * 10_000, name) for place, cents in said.items()})
        if tax:
            place = next(iter(said))
            held[place[0], f"{place[1]} tax"] = (said[place] * 10_000, name)
        self.imports[name] = account

    @rule(which=st.integers(0, 30))
    def forget(self, which: int) -> None:
        """Forget one of the imports, perhaps one that was forgotten before."""
        if self.imports:
            name = sorted(self.imports)[which % len(self.imports)]
            lifecycle.forget(self.services, name)
            held = self.held[self.imports[name]]
            for place in [place for place, (_, writer) in held.items() if writer == name]:
                del held[place]

    @rule(series=st.integers(0, 2), amount=st.integers(-(10**9), 10**9), name=st.integers(0, 2))
    def post(self, series: int, amount: int, name: int) -> None:
        """Ingest or restate an entry of another series."""
        entry = Entry(SERIES[series], amount, START, external_id=f"id {name}")
        ingest.ingest(self.services, [entry])
        self.posted[f"{SERIES[series].id} {name}"] = amount

    @rule()
    def judge(self) -> None:
        """Judge pending arrivals."""
        judge_all(self.services)

    @invariant()
    def the_sums_are_those_of_what_was_said_last(self) -> None:
        """Compare the sum of all entries, and every figure with its recomputation."""
        expected = sum(amount for held in self.held.values() for amount, _ in held.values())
        assert sum(bills.sums(self.services).values()) == expected + sum(self.posted.values())

    def teardown(self) -> None:
        """Verify everything in the end."""
        sound(self.services)


def test_any_history_of_imports_comes_to_what_was_said_last(build: Build) -> None:
    class OnServices(History):
        services = build(KUMO_WINDOW="6", KUMO_MIN_HISTORY="3", KUMO_PARTITIONS="2")

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OnServices,
        settings=settings(
            deadline=None, max_examples=25, stateful_step_count=15, suppress_health_check=list(HealthCheck)
        ),
    )
