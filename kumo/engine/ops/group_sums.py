"""Recomputing totals of groups: the shares of a partition from its series, and combined totals from the shares."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from kumo.domain.entries import Series
from kumo.domain.groups import DIMENSIONS, groups_of_series, name_tag_dimension
from kumo.domain.totals.amounts import PeriodTotal
from kumo.services import Services
from kumo.store import changes, export_table, groups, series
from kumo.store.changes import Cells
from kumo.store.groups import NO_SHARE, ShareOfDay
from kumo.store.partition import Partition
from kumo.store.series import DAYS

# Groups whose totals are compared at once.
STEP_GROUPS: Final = 200

# By id of a group or a series, the blocks of days that have a key.
Blocks = dict[str, set[int]]


class ExpectedShares:
    """What the series of a partition add to groups. By tags it is known from `first_day` on, since 1970-01-01."""

    def __init__(self, first_day: int) -> None:
        """Begin with nothing."""
        self.first_day = first_day
        self.totals: dict[tuple[str, int], ShareOfDay] = {}
        self.of_series: set[str] = set()

    def add_series(self, identity: Series, days: Mapping[int, PeriodTotal]) -> None:
        """Add the days of a series to the groups that it belongs to as a whole."""
        for group in groups_of_series(identity):
            self.of_series.add(group.id)
            for day, total in days.items():
                self._add(group.id, day, identity, total)

    def add_entry(self, identity: Series, day: int, parts: Mapping[str, PeriodTotal]) -> None:
        """Add an entry of a day to the groups of its tags."""
        if day >= self.first_day:
            for group_id, total in parts.items():
                self._add(group_id, day, identity, total)

    def _add(self, group_id: str, day: int, identity: Series, total: PeriodTotal) -> None:
        share = ShareOfDay(excluded=total) if identity.charge_category else ShareOfDay(total)
        self.totals[group_id, day] = self.totals.get((group_id, day), NO_SHARE).combine(share)

    def is_known(self, group_id: str, day: int) -> bool:
        """Tell whether the total of a group on a day can be recomputed."""
        return day >= self.first_day or group_id in self.of_series


def list_blocks(services: Services, family: str) -> dict[int, Blocks]:
    """Return which blocks of days there are in a family of all partitions, by their numbers. This reads all keys."""
    found: dict[int, Blocks] = defaultdict(lambda: defaultdict(set))
    for key in export_table.scan_keys(services.store, f"kumo:{{*}}:{family}:*"):
        _, tag, _, name, block = key.split(":")
        found[int(tag.strip("{}"))][name].add(int(block))
    return found


def find_wrong_shares(
    services: Services, partition: Partition, expected: ExpectedShares, blocks: Blocks
) -> Iterator[str]:
    """Yield a sentence for each share of a partition that is not the sum of its series and entries."""
    found = groups.read_partition(services.store, partition, blocks)
    names = _name_groups(services)
    for group_id, day in sorted(found.keys() | expected.totals.keys()):
        if expected.is_known(group_id, day):
            given = "its series give" if group_id in expected.of_series else "its entries give"
            sums = found.get((group_id, day), NO_SHARE), expected.totals.get((group_id, day), NO_SHARE)
            yield from _compare(names.get(group_id, group_id), day, sums, given)


def find_wrong_totals(services: Services, shares: Mapping[int, Blocks]) -> Iterator[str]:
    """Yield a sentence for each combined total that is not the sum of the shares, and of which no hint says so."""
    store = services.store
    blocks: Blocks = defaultdict(set)
    for of_partition in (*shares.values(), *list_blocks(services, "daily").values()):
        for name, some in of_partition.items():
            blocks[name] |= some
    names, ids = _name_groups(services), iter(sorted(blocks.keys() - set(series.matching(store, {}))))
    while step := list(islice(ids, STEP_GROUPS)):
        wanted = {group_id: blocks[group_id] for group_id in step}
        hinted = changes.find(store, step)
        added = groups.read_shares(store, {group_id: Cells(blocks=some) for group_id, some in wanted.items()})
        first, last = min(map(min, wanted.values())), max(map(max, wanted.values()))
        totals = groups.read_totals(store, step, first * DAYS, (last + 1) * DAYS)
        for group_id in step:
            changed = hinted.get(group_id, Cells())
            for day in sorted(added[group_id].keys() | totals[group_id].keys()):
                if day not in changed.days and day // DAYS not in changed.blocks:
                    sums = totals[group_id].get(day, NO_SHARE), added[group_id].get(day, NO_SHARE)
                    yield from _compare(names.get(group_id, group_id), day, sums, "its shares give")


def _name_groups(services: Services) -> dict[str, str]:
    dimensions = (*DIMENSIONS, *map(name_tag_dimension, services.store.tag_keys))
    return {
        group.id: f"{dimension} {','.join(group.value)!r} in {group.currency}"
        for dimension in dimensions
        for group in groups.list_values(services.store, dimension)
    }


def _compare(name: str, day: int, sums: tuple[ShareOfDay, ShareOfDay], given: str) -> Iterator[str]:
    found, expected = sums
    for what, one, other in (
        ("holds", found.judged, expected.judged),
        ("holds beside usage", found.excluded, expected.excluded),
    ):
        if one != other:
            yield f"group {name}: {series.date_of(day)} {what} {name_total(one)}, {given} {name_total(other)}"


def name_total(total: PeriodTotal | None) -> str:
    """Write a total for a sentence."""
    if total is None or not total.entries:
        return "None"
    figures = (total.entries, total.micros)
    return str((*figures, total.measured, total.quantity, total.units) if total.measured else figures)
