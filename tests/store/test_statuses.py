"""The costs of a status are listed once each, in order, whatever is recorded and judged in between."""

from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.entries import entry_id
from kumo.domain.judging import Status, Verdict
from kumo.domain.paging import Position
from kumo.store import feed, timeline
from kumo.store.client import Store
from kumo.store.timeline import Selection
from tests.store import indexes
from tests.store.test_walk import Batch, bounds, costs, often, record, store, within  # noqa: F401 - a fixture

VERDICT = Verdict(
    status=Status.NORMAL, amount=0, n=0, mean=None, stddev=None, z=None, score=None, threshold=3.0, detector="zscore"
)


class Judged(NamedTuple):
    """So many arrivals of each partition that are judged alike."""

    arrivals: int
    status: Status


judgements = st.builds(Judged, st.integers(1, 90), st.sampled_from([Status.LEARNING, Status.NORMAL, Status.ANOMALY]))


@dataclass
class Ledger:
    """Pending and judged entries, beside the store."""

    store: Store
    found: dict[str, tuple[Position, Status]] = field(default_factory=dict)

    def record(self, coming: list[Batch]) -> None:
        """Record costs; those that are restated wait again."""
        record(self.store, coming)
        for partition in self.store.partitions:
            for row in feed.pending(self.store, partition, 10_000)[1]:
                place = Position(row.timestamp, entry_id(row.series_id, row.entry_seq))
                self.found[place.id] = place, Status.PENDING

    def judge(self, judged: Judged) -> None:
        """Judge some of what waits, in every partition."""
        for partition in self.store.partitions:
            cursor, rows = feed.pending(self.store, partition, judged.arrivals)
            names = {(row.series_id, row.entry_seq): row for row in rows}
            verdicts = {name: replace(VERDICT, status=judged.status, amount=row.amount) for name, row in names.items()}
            times = {name: row.timestamp for name, row in names.items()}
            if rows:
                feed.commit(self.store, partition, cursor, rows[-1].seq, feed.Slice(verdicts, times))
            left = {entry_id(row.series_id, row.entry_seq) for row in feed.pending(self.store, partition, 10_000)[1]}
            for name in (entry_id(*name) for name in names):
                place, _ = self.found[name]
                self.found[name] = place, Status.PENDING if name in left else judged.status

    def of(self, status: Status) -> set[Position]:
        """Return the positions of the entries of a status."""
        return {place for place, known in self.found.values() if known is status}


@pytest.mark.slow
@often
@given(
    first=costs,
    judged=st.lists(judgements, max_size=3),
    changes=st.lists(costs | judgements, max_size=5),
    data=st.data(),
)
def test_the_costs_of_a_status_are_listed_while_others_come_and_some_are_judged(
    store: Store,  # noqa: F811 - the fixture above
    first: list[Batch],
    judged: list[Judged],
    changes: list[list[Batch] | Judged],
    data: st.DataObject,
) -> None:
    store.client.flushall()
    status = data.draw(st.sampled_from([Status.PENDING, Status.LEARNING, Status.NORMAL, Status.ANOMALY]))
    ledger = Ledger(store)
    ledger.record(first)
    for each in judged:
        ledger.judge(each)
    there = ledger.of(status)
    asked = replace(data.draw(bounds), after=data.draw(st.sampled_from([None, *sorted(there)])))
    found: list[Position] = []
    always, ever = set(there), set(there)
    coming = iter(changes)
    listed = (
        feed.walk_pending(store, asked, 1)
        if status is Status.PENDING
        else timeline.read(store, [Selection({}, status)], asked, 1)
    )
    for run in listed:
        found += run
        for change in islice(coming, 1):
            ledger.record(change) if isinstance(change, list) else ledger.judge(change)
            always &= ledger.of(status)
            ever |= ledger.of(status)
    assert len(set(found)) == len(found)
    assert found == sorted(found, reverse=asked.newest_first)
    assert [row for row in found if row in always] == within(always, asked)
    assert status is not Status.PENDING or set(found) <= ever
    for _ in range(2):
        ledger.judge(Judged(10_000, Status.NORMAL))
    indexes.check(store)
