"""Scenes of arrivals: recorded, imported, judged, removed, and feedback."""

from functools import partial
from typing import Final

import pytest

from kumo.domain.entries import Entry
from kumo.domain.feedback import Feedback, Word
from kumo.domain.groups import DIMENSIONS
from kumo.domain.judging import Arrival, Mark
from kumo.domain.moments import EMPTY
from kumo.store import entries, feed, feedback, groups, retention, scopes, sharing, watermarks
from kumo.store.client import Store
from kumo.store.scopes import Overtaken, Place, PlannedEntry
from tests.alerts import make_spend
from tests.cut_scripts import Passage
from tests.groups import strip_groups
from tests.store.contention.stage import DAY, SERIES, START, Scene, Stage, entry

SCOPE: Final = "0123456789abcdef0123"
OTHERS: Final = [f"{number:020x}" for number in range(8)]
ANOMALY: Final = f"{SERIES.id}-0000000001"
DAYS: Final = range(10)


def record(on: Stage) -> None:
    """New costs, restatements of the same names, and one request that is sent many times."""

    def work(number: int, store: Store) -> list[entries.Recorded]:
        for turn in range(5):
            on.record(store, [entry(100 * number + turn, START + day * DAY, f"bill-{day}") for day in range(3)])
            on.record(store, [entry(number)])
        return on.record(store, [entry(7)], once="one request")

    first, *others = on.rivals(*(partial(work, number) for number in range(1, 9)))
    assert all(found == first for found in others)
    assert len(on.amounts()) == 3 + 8 * 5 + 1
    on.check_window()
    on.check_days()
    on.check_numbers()


def _bill(scope: str, amount: int) -> list[PlannedEntry]:
    starts = [START + day * DAY for day in DAYS]
    made = [(start, Entry(SERIES, amount, start, external_id=scopes.external_id(scope, start))) for start in starts]
    return [PlannedEntry(scope, Place(SERIES.id, start), row) for start, row in made]


def _claim(store: Store, number: int, scope: str, since: int) -> int:
    """Claim a scope; returns the number that holds it then."""
    try:
        scopes.claim(store, number, [scope], since)
    except Overtaken as overtaken:
        return overtaken.number
    return number


def claim_scopes(on: Stage) -> None:
    """Imports with different numbers claim one scope; those with lower ones try again."""
    on.rivals(*(lambda store, n=n: _claim(store, n, SCOPE, START) for n in range(1, 17)))
    assert on.rivals(*(lambda store, n=n: _claim(store, n, SCOPE, START) for n in range(1, 16))) == [16] * 15
    assert scopes.holders(on.store, SCOPE) == {16}
    assert on.store.client.hkeys(on.partition.importing) == [b"16"]


def replace(on: Stage) -> None:
    """Two imports of one scope, the second of which has claimed it, while others record."""

    def write(number: int, store: Store) -> int:
        """Write the bill, a day a call; returns how many calls were refused."""
        refused = 0
        for row in _bill(SCOPE, number):
            try:
                scopes.replace(store, on.partition, number, [row])
            except Overtaken:
                refused += 1
        return refused

    assert _claim(on.store, 1, SCOPE, START) == 1
    assert write(1, on.store) == 0
    assert _claim(on.store, 2, SCOPE, START) == 2
    works = [partial(write, 1), partial(write, 1), partial(write, 2), partial(write, 2)]
    recording = [lambda store: len([on.record(store, [entry(9, START + day * DAY)]) for day in DAYS])] * 2
    assert on.rivals(*works, *recording) == [10, 10, 0, 0, 10, 10]
    assert sorted(on.amounts()) == [2] * 10 + [9] * 20
    assert {held.writer for held in scopes.read_held(on.store, [SCOPE])[SCOPE].values()} == {2}
    on.check_window()
    on.check_days()
    on.check_numbers()


def commit(on: Stage) -> None:
    """Many judges have the same slice, with an alert, while more arrives."""
    on.record(on.store, [entry(n) for n in range(10)])

    def judge(store: Store) -> int | None:
        alert = make_spend(f"{ANOMALY}-1", anomaly=ANOMALY)
        return feed.commit(store, on.partition, feed.Fence(0, 0), 5, feed.Slice(alerts=[alert]))

    def arrive(store: Store) -> None:
        on.record(store, [entry(9)])

    found = on.rivals(*[judge] * 16, *[arrive] * 4)
    assert sorted(found, key=str) == [1] + [None] * 19
    assert entries.last_judged(on.store, on.partition) == 5
    assert on.store.client.get(on.partition.cursor) == b"5"
    on.check_numbers()


def record_feedback(on: Stage) -> None:
    """Many people forgive one anomaly, then all take it back: the judge forgives once, and takes back once."""
    told = Arrival(seq=1, series_id=SERIES.id, entry_seq=1, timestamp=START, amount=1, baseline=EMPTY)

    def say(word: Word | None, store: Store) -> None:
        feedback.record(store, ANOMALY, Feedback(word, "", "", START) if word else None, told)

    def marks() -> list[Mark]:
        return sorted(row.mark for row in feed.pending(on.store, on.partition, 1_000)[1])

    on.rivals(*[partial(say, Word.PLANNED)] * 8, *[partial(say, Word.FALSE_POSITIVE)] * 8)
    assert marks() == sorted(["f"] + ["w"] * 15)
    on.rivals(*[partial(say, None)] * 16)
    assert marks() == sorted(["f", "u"] + ["w"] * 15)
    on.check_numbers()


def find_retention_limit(on: Stage) -> None:
    """Imports claim days and end; while one claims a day, the retention is kept out of it."""

    def claim(number: int, store: Store) -> None:
        since = START + number * DAY
        for _ in range(5):
            _claim(store, number, OTHERS[number], since)
            assert watermarks.bounds(store, START + 50 * DAY)[on.partition] <= since
            watermarks.release(store, number)

    on.rivals(*(partial(claim, number) for number in range(8)))
    assert watermarks.bounds(on.store, START + 50 * DAY) == {on.partition: START + 50 * DAY}


def remove_old_entries(on: Stage) -> None:
    """Sweeps of one series while it is recorded to; pending entries stay."""
    on.record(on.store, [entry(n, START + n) for n in range(30)])
    on.judge_all()
    on.record(on.store, [entry(1000 + n, START + 1000 + n) for n in range(5)])

    def sweep(store: Store) -> int:
        return sum(retention._remove_entries(store, on.partition, SERIES.id, START + DAY) for _ in range(3))

    def arrive(store: Store) -> int:
        return 0 * len([on.record(store, [entry(9, START + 2 * DAY)]) for _ in range(5)])

    assert sum(on.rivals(*[sweep] * 6, *[arrive] * 2)) == 30
    assert sorted(on.amounts()) == [9] * 10 + [1000 + n for n in range(5)]
    on.check_window()
    with pytest.raises(entries.PastRetention):
        on.record(on.store, [entry(1, START - DAY)])


def share(on: Stage) -> None:
    """A series that groups lack is added to them by many at once, while costs arrive in it."""
    on.record(on.store, [entry(n, START + n * DAY) for n in range(5)])
    strip_groups(on.store)

    def add(store: Store) -> None:
        sharing.share(store, 10, START // DAY + 5)

    def arrive(store: Store) -> None:
        for day in range(5):
            on.record(store, [entry(9, START + day * DAY)])

    on.rivals(*[add] * 8, *[arrive] * 8)
    assert groups.are_complete(on.store)
    for dimension in DIMENSIONS:
        [value] = groups.list_values(on.store, dimension)
        days = [row for _, rows in groups.daily(on.store, [value.id], 0, 40_000) for row in rows]
        assert sum(micros for *_, micros in days) == sum(on.amounts()), dimension
        assert sum(count for _, count, _ in days) == len(on.amounts()) == 45


SCENES: Final = {
    "share": Scene(share, Passage("if stored and not cjson.decode(stored)[3] then", "if stored then")),
    "record": Scene(record, Passage("if answer then return {'ok', 0, unpack(cjson.decode(answer))} end")),
    "claim_scopes": Scene(claim_scopes, Passage("if holder > tonumber(args.number) then return holder end")),
    "replace": Scene(replace, Passage("if holder ~= args.number then return {'overtaken', tonumber(holder)} end")),
    "commit": Scene(
        commit,
        Passage(
            "if (redis.call('GET', keys.cursor) or '0') ~= args.cursor then return -1 end\n"
            "if (redis.call('GET', keys.version) or '0') ~= args.version then return -1 end\n"
            "if args.last ~= args.cursor and "
            "#redis.call('XRANGE', keys.pending, args.last .. '-0', args.last .. '-0') == 0 then return -1 end",
            "",
        ),
    ),
    "record_feedback": Scene(record_feedback, Passage("local mark = is and not was and", "local mark = is and")),
    "find_retention_limit": Scene(
        find_retention_limit,
        Passage("bound = math.min(bound, tonumber(since))", "bound = math.max(bound, tonumber(since))"),
    ),
    "remove_old_entries": Scene(remove_old_entries, Passage("if seq > judged then break end")),
}
