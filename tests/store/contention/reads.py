"""Scenes of reading: rows that exist all the time are found exactly once, whatever is added and changed meanwhile."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from kumo.domain.entries import Entry, Series, entry_id
from kumo.domain.paging import Position
from kumo.store import entries, feed, outbox, timeline, workers
from kumo.store import series as store_series
from kumo.store.client import Store
from kumo.store.snapshots import Episodes, Snapshot, UnjudgedError
from kumo.store.snapshots import read as read_snapshot
from kumo.store.timeline import Selection
from kumo.store.walk import Bounds
from tests.alerts import make_test
from tests.cut_scripts import Passage
from tests.store.contention.stage import DAY, SERIES, START, Scene, Stage, entry

ALL: Final = Bounds(low=0, high=START + 1_000 * DAY, newest_first=True)
MANY: Final = [Series(f"service {number}", "USD") for number in range(10)]
KINDS: Final = ("judge", "notifier", "importer")


def _list(pages: Callable[[Store], Iterator[list[Position]]]) -> Callable[[Store], list[str]]:
    return lambda store: [row.id for row in chain.from_iterable(pages(store))]


def _each_once(found: Iterable[list[str]], there: set[str]) -> bool:
    """Return whether each list has all rows from the beginning, and nothing twice."""
    return all(set(ids) >= there and len(ids) == len(set(ids)) for ids in found if ids)


def _ids(recorded: Iterable[entries.Recorded]) -> set[str]:
    return {row.id for row in recorded}


def find_pending_entries(on: Stage) -> None:
    """Pending entries are listed while more arrive and some are restated, which then are pending twice."""
    names = [f"bill-{number}" for number in range(40)]
    there = _ids(on.record(on.store, [entry(n, START + n // 4, name) for n, name in enumerate(names)]))

    def arrive(store: Store) -> list[str]:
        for number, name in enumerate(names):
            on.record(store, [entry(1000 + number, START + number // 4, name), entry(number)])
        return []

    arrive(on.store)
    walk = _list(lambda store: feed.walk_pending(store, ALL, 1))
    assert _each_once(on.rivals(*[walk] * 4, *[arrive] * 2), there)


def find_next_entries(on: Stage) -> None:
    """The list of costs is read while every series gets new ones."""

    def arrive(time: int) -> Callable[[Store], list[str]]:
        rows = [(series.id, Entry(series, 1, time)) for series in MANY for _ in range(4)]
        return lambda store: [row.id for row in entries.record(store, on.partition, rows)[0]]

    there = set(arrive(START)(on.store)) | set(arrive(START + 1)(on.store))
    walk = _list(lambda store: timeline.read(store, [Selection({})], ALL, 1))
    found = on.rivals(*[walk] * 4, *[lambda store: arrive(START)(store)[:0]] * 4)
    assert _each_once(found, there)


def read_after(on: Stage) -> None:
    """Alerts that were all raised in one millisecond are listed, while more are raised in it."""
    there = {f"test-{number}" for number in range(70)}
    for name in there:
        outbox.add(on.store, make_test(name))

    def arrive(store: Store) -> list[str]:
        return [] if [outbox.add(store, make_test(f"a-{number}")) for number in range(20)] else ["none"]

    walk = _list(lambda store: outbox.walk_list(store, ALL, 1))
    assert _each_once(on.rivals(*[walk] * 4, *[arrive] * 2), there)


def find_entry_times(on: Stage) -> None:
    """Entries are looked up while they are restated, so that their places change."""
    names = [f"bill-{number}" for number in range(10)]
    there = [(SERIES.id, name) for name in names]
    on.record(on.store, [entry(0, START + n, name) for n, name in enumerate(names)])

    def restate(store: Store) -> list[int | None]:
        for amount in range(1, 10):
            on.record(store, [entry(amount, START + n, name) for n, name in enumerate(names)])
        return entries.read_times(store, there)

    found = on.rivals(*[lambda store: entries.read_times(store, there)] * 6, *[restate] * 3)
    assert found == [[START + n for n in range(10)]] * 9


def find_oldest_arrival(on: Stage) -> None:
    """Arrivals of one instant wait five seconds, while two judges judge them and more come."""
    on.record(on.store, [entry(n) for n in range(20)])
    on.clock.pass_by(5)

    def judge(store: Store) -> set[float]:
        for _ in range(10):
            cursor, rows = feed.pending(store, on.partition, 1)
            feed.commit(store, on.partition, cursor, rows[-1].seq, feed.Slice())
        return set()

    waits = on.rivals(*[lambda store: {feed.longest_wait(store) for _ in range(10)}] * 4, *[judge] * 1)
    assert set().union(*waits) == {5.0}
    on.judge_all()
    assert on.rivals(*[feed.longest_wait] * 4) == [0.0] * 4


def heartbeats(on: Stage) -> None:
    """Workers of all kinds send heartbeats; nobody reads a future or an older one."""
    for kind in KINDS:
        workers.record_heartbeat(on.store, kind)
    on.clock.pass_by(7)

    def beat(store: Store) -> set[float]:
        for _ in range(10):
            workers.record_heartbeat(store, KINDS[0])
        return set()

    ages = on.rivals(*[lambda store: set(workers.heartbeat_ages(store).values())] * 6, *[beat] * 3)
    assert set().union(*ages) <= {0.0, 7.0}
    assert workers.heartbeat_ages(on.store) == {"judge": 0.0, "notifier": 7.0, "importer": 7.0}
    assert on.rivals(*[workers.heartbeat_ages] * 2) == [workers.heartbeat_ages(on.store)] * 2


def read_series(on: Stage) -> None:
    """A series is exported while it is recorded to: an export has no entry that is not judged, and its own totals."""

    def export(store: Store) -> Snapshot | None:
        try:
            return read_snapshot(store, on.partition, SERIES.id, Episodes(), START // DAY + 1)
        except UnjudgedError:
            return None

    on.record(on.store, [entry(n) for n in range(10)])
    assert on.rivals(*[export] * 4) == [None] * 4
    on.judge_all()

    def arrive(store: Store) -> None:
        on.record(store, [entry(7)])
        cursor, rows = feed.pending(store, on.partition, 500)
        if rows:
            feed.commit(store, on.partition, cursor, rows[-1].seq, feed.Slice())

    found = [export(on.store), *on.rivals(*[export] * 8, *[arrive] * 4)]
    for lines in (list(snapshot.lines()) for snapshot in found if snapshot):
        days = [int(total.split()[0]) for total in lines[0]["days"].values()]
        assert sum(days) == len([line for line in lines if line["kind"] == "entry"])
        assert lines[0]["moments"].split()[1] == "5"
    assert found[0]
    assert entry_id(SERIES.id, 1) in {line["id"] for line in found[0].lines()}
    assert len(store_series.amounts(on.store, SERIES.id)) == 14


SCENES: Final = {
    "find_pending_entries": Scene(find_pending_entries, Passage("or known[row[1]] then return end", "then return end")),
    "find_next_entries": Scene(find_next_entries, Passage("'LIMIT', offset, most", "'LIMIT', offset + 1, most")),
    "read_after": Scene(read_after, Passage("'LIMIT', offset,", "'LIMIT', offset + 1,")),
    "find_entry_times": Scene(
        find_entry_times, Passage("ipairs(args.wanted) do", "ipairs(args.wanted) do entry.seq = 1")
    ),
    "find_oldest_arrival": Scene(find_oldest_arrival, Passage("now() - arrived", "now() - arrived + 1")),
    "record_heartbeat": Scene(heartbeats, Passage("args.kind, now()", "args.kind, now() + 1000")),
    "read_heartbeat_ages": Scene(heartbeats, Passage("at - silences[place]", "silences[place] - at")),
    "read_series": Scene(read_series, Passage("== series then return {'unjudged'} end", "== series then break end")),
}
