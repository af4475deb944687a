"""Scenes of totals: read, combined, and marked for a fold."""

from functools import partial
from typing import Final

from kumo.domain.groups import groups_of_series
from kumo.store import changes, combined, feed, groups, hours, marks, rebuilding, stretches, things
from kumo.store.client import Store
from kumo.store.rebuilding import Span
from kumo.store.series import daily
from kumo.store.stretches import DayTotal, WantedStretch
from tests.cut_scripts import Passage
from tests.store.contention.stage import DAY, SERIES, START, Scene, Stage, entry

FIRST: Final = START // DAY
DAYS: Final = 300  # more than a block


def read_stretches(on: Stage) -> None:
    """Totals are read while others of the series arrive: the days that exist all the time are all there, in order."""
    on.record(on.store, [entry(day, START + day * DAY) for day in range(DAYS)])
    there = [DayTotal(day=FIRST + day, entries=1, micros=day) for day in range(DAYS)]

    def read(store: Store) -> list[DayTotal]:
        asked = {SERIES.id: WantedStretch(start=FIRST + DAYS - 2, earlier=DAYS - 2)}
        return stretches.read(store, on.partition, asked, FIRST + 2 * DAYS)[SERIES.id]

    def arrive(store: Store) -> list[DayTotal]:
        for day in range(20):
            on.record(store, [entry(1, START + (DAYS + day) * DAY)])
        return there

    for found in on.rivals(*[read] * 6, *[arrive] * 2):
        assert found[:DAYS] == there
        assert [total.day for total in found] == sorted({total.day for total in found})


def combine(on: Stage) -> None:
    """Many judges combine a group while costs arrive: none overwrites a newer total with an older one."""
    [whole, *_] = groups_of_series(SERIES)

    def read(store: Store) -> tuple[int, groups.ShareOfDay]:
        version = feed.read_fence(store, on.partition).version
        return version, groups.read_shares(store, cells)[whole.id][FIRST]

    def write(store: Store, version: int, share: groups.ShareOfDay) -> int:
        row, changed = combined.pack_combined(whole.id, FIRST, share), [{"group": whole.id, "day": FIRST}]
        store.scripts.run("combine", on.partition, version=version, totals=[row], changed=changed)
        return combined.read_combined(store, cells)[whole.id].get(FIRST, groups.NO_SHARE).judged.micros

    def work(store: Store) -> None:
        seen = [write(store, *read(store)) for _ in range(60)]
        assert seen == sorted(seen)

    def arrive(store: Store) -> None:
        for _ in range(40):
            on.record(store, [entry(1)])

    cells = {whole.id: changes.Cells(days={FIRST})}
    on.rivals(*[work] * 5, *[arrive] * 3)
    assert things.read_unfolded(on.store, on.partition, 10) == {whole.id: FIRST}
    late = read(on.store)
    arrive(on.store)
    assert write(on.store, *read(on.store)) == write(on.store, *late) == 4 * 40


def mark_things(on: Stage) -> None:
    """Things are marked again and again while a judge folds them: no mark is lost, the oldest day stands."""
    folded: list[int] = []

    def judge(store: Store) -> None:
        for _ in range(200):
            fence = feed.read_fence(store, on.partition)
            waiting = things.read_unfolded(store, on.partition, 10)
            judged = feed.Slice()
            judged.totals.left = dict.fromkeys(waiting)
            if waiting and feed.commit(store, on.partition, fence, fence.cursor, judged) is not None:
                folded.extend(waiting.values())

    def mark(number: int, store: Store) -> None:
        for turn in range(20):
            marks.mark(store, on.partition, {SERIES.id: 1_000 - 20 * number - turn}, {"aws": str(turn)})

    on.rivals(*(partial(mark, number) for number in range(6)), judge, judge)
    judge(on.store)
    assert min(folded) == 1_000 - 20 * 5 - 19
    assert things.read_unfolded(on.store, on.partition, 10) == {}


def sum_hours(on: Stage) -> None:
    """The hours of a day are summed up by many while costs arrive; at rest they are the sums of the entries."""

    def work(store: Store) -> None:
        for _ in range(40):
            hours.sum_up(store, on.partition, [(SERIES.id, FIRST)])
            found = hours.read(store, on.partition, SERIES.id, FIRST, FIRST)
            assert all(total.micros == 7 * total.entries for total in found)

    def arrive(store: Store) -> None:
        for turn in range(40):
            on.record(store, [entry(7, START + turn % 24 * 3_600_000)])

    on.rivals(*[work] * 4, *[arrive] * 4)
    hours.sum_up(on.store, on.partition, [(SERIES.id, FIRST)])
    found = hours.read(on.store, on.partition, SERIES.id, FIRST, FIRST)
    assert [total.hour for total in found] == [FIRST * 24 + hour for hour in range(24)]
    assert sum(total.micros for total in found) == sum(on.amounts()) == 7 * 4 * 40


def rebuild_totals(on: Stage) -> None:
    """Totals are computed again while costs arrive, and where the retention has been they keep what it removed."""
    on.record(on.store, [entry(7, START + day * DAY) for day in range(4)])
    on.store.client.set(on.partition.retention, START + 2 * DAY)
    on.store.client.zremrangebyscore(on.partition.entries + SERIES.id, 0, START + 2 * DAY - 1)
    span = [Span(SERIES.id, first=FIRST, last=FIRST + 3, entries=10)]

    def compute(store: Store) -> int:
        return sum(len(rebuilding.rebuild_totals(store, on.partition, span)) for _ in range(20))

    def arrive(store: Store) -> int:
        return 0 * len([on.record(store, [entry(1, START + 3 * DAY)]) for _ in range(20)])

    assert sum(on.rivals(*[compute] * 4, *[arrive] * 4)) == 0
    days = {day: micros for _, rows in daily(on.store, [SERIES.id], 0, FIRST + 9) for day, _, micros in rows}
    assert days == {FIRST: 7, FIRST + 1: 7, FIRST + 2: 7, FIRST + 3: 7 + 80}


def rebuild_shares(on: Stage) -> None:
    """Shares are computed again while costs arrive; a combined total that is wrong gets a hint."""
    on.record(on.store, [entry(7)])
    [whole, *_] = groups_of_series(SERIES)
    on.store.client.delete(on.partition.changed)
    on.store.client.hset(f"{on.partition.shares}{whole.id}:{FIRST // 256}", FIRST % 256, "9 9 9")

    def compute(store: Store) -> int:
        return sum(len(rebuilding.rebuild_shares(store, on.partition, FIRST, FIRST)) for _ in range(20))

    def arrive(store: Store) -> int:
        return 0 * len([on.record(store, [entry(1)]) for _ in range(20)])

    assert sum(on.rivals(*[compute] * 4, *[arrive] * 4)) == 1
    cells = {whole.id: changes.Cells(days={FIRST})}
    assert groups.read_shares(on.store, cells)[whole.id][FIRST].judged.micros == 7 + 80
    assert changes.find(on.store, [whole.id])[whole.id].blocks == {FIRST // 256}


SCENES: Final = {
    "sum_hours": Scene(sum_hours, Passage("redis.call('DEL', key)")),
    "read_stretches": Scene(read_stretches, Passage("or earlier > 0) do", ") do")),
    "combine": Scene(combine, Passage("if (redis.call('GET', keys.version) or '0') ~= args.version then return 0 end")),
    "rebuild_totals": Scene(
        rebuild_totals, Passage("math.max(since, span.first), tonumber(span.last)", "span.first + 0, span.last + 0")
    ),
    "rebuild_shares": Scene(
        rebuild_shares, Passage("if before or sum then note_changes(changes, id, {[block] = {[day] = true}}) end")
    ),
    "mark_things": Scene(mark_things, Passage("keys.unfolded, 'LT',", "keys.unfolded, 'GT',")),
}
