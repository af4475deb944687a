"""Scenes of groups: hints that are settled, and tag sets of entries."""

from dataclasses import replace
from threading import Lock
from time import sleep
from typing import Final

from kumo.domain.groups import ALL, Group, groups_of_series
from kumo.store import changes, groups, sharing
from kumo.store.client import Store
from tests.cut_scripts import Passage
from tests.store.contention.stage import DAY, SERIES, START, Scene, Stage, entry


def settle_changes(on: Stage) -> None:
    """The shares of a group are read, and its hints settled, while costs arrive: what has no hint is up to date."""
    combining, combined = Lock(), dict[int, int]()
    [whole] = [group for group in groups_of_series(SERIES) if group.dimension == ALL]

    def read_totals(store: Store) -> dict[int, int]:
        cells = {whole.id: changes.Cells(blocks={START // DAY // 256 + more for more in (0, 1)})}
        return {day: share.judged.micros for day, share in groups.read_shares(store, cells)[whole.id].items()}

    def combine(store: Store) -> None:
        for _ in range(40):
            with combining:
                found = changes.read(store, on.partition, 1_000)
                totals = read_totals(store)
                combined.update({day: totals[day] for day in found.cells.get(whole.id, changes.Cells()).days})
                changes.settle(store, on.partition, found)
            sleep(0.001)  # the other one is next

    def arrive(store: Store) -> None:
        for day in range(40):
            on.record(store, [entry(9, START + day * DAY)])

    on.rivals(*[combine] * 2, *[arrive] * 6)
    combine(on.store)
    assert changes.count(on.store) == {0: 0}
    assert combined == read_totals(on.store) == {START // DAY + day: 9 * 6 for day in range(40)}


def tag_entries(on: Stage) -> None:
    """Entries get tag sets by many at once, while they are restated and others arrive."""
    names = [f"bill-{number}" for number in range(40)]
    on.record(on.store, [entry(1, START, name) for name in names])

    def tag(store: Store) -> None:
        sharing.tag_series(replace(store, tag_keys=("team",)), SERIES.id, SERIES)

    def arrive(store: Store) -> None:
        for turn, name in enumerate(names):
            on.record(replace(store, tag_keys=("team",)), [entry(turn, START, name), entry(9)])

    on.rivals(*[tag] * 6, *[arrive] * 2)
    without = Group("tag:team", ("",), "USD").id
    cells = {without: changes.Cells(days={START // DAY})}
    found = groups.read_shares(on.store, cells)[without][START // DAY].judged
    assert (found.entries, found.micros) == (40 + 2 * 40, sum(range(40)) + 9 * 2 * 40)
    on.check_days()


SCENES: Final = {
    "tag_entries": Scene(
        tag_entries, Passage("local was, tags = read_tag_set(of.tag_sets, number),", "local was, tags = '',")
    ),
    "settle_changes": Scene(
        settle_changes, Passage("if redis.call('ZSCORE', keys.changed, hint.name) == hint.score then done", "do done")
    ),
}
