"""Combining the totals of groups: the shares of all partitions are added up in the home of each group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kumo.engine.totals import first_spends
from kumo.services import Services
from kumo.store import answers, census, changes, combined, feed, groups, things
from kumo.store.groups import NO_SHARE, ShareOfDay
from kumo.store.partition import Partition
from kumo.store.signatures import Argument, Row
from kumo.store.things import NEW_THING, ThingRow

# Hints of each home that one pass takes; a pass reads sixteen shares for each, and combines in a few milliseconds.
MOST_HINTS: Final = 200

Days = Mapping[int, ShareOfDay]


@dataclass(frozen=True, slots=True)
class Combined:
    """A pass: how many hints it has settled, whether a faster judge left it some, and the homes with groups to fold."""

    settled: int = 0
    left: bool = False
    homes: frozenset[Partition] = frozenset()


@dataclass(slots=True)
class _HomeChange:
    """What a pass stores in one home, and the oldest changed day of each group that must be folded."""

    totals: list[Row] = field(default_factory=list)
    changed: dict[str, int] = field(default_factory=dict)


def combine(services: Services, partition: Partition) -> Combined:
    """Combine the totals of groups whose hints were left in a partition.

    A home in which another judge was faster keeps its hints for the next pass.
    """
    store = services.store
    hints = changes.read_left(store, partition, MOST_HINTS)
    if not hints:
        return Combined()
    services.failpoint("combine.hints")
    homes = [store.partitions[number] for number in hints]
    versions = feed.read_versions(store, homes)
    cells = changes.collect(name for some in hints.values() for name, _ in some)
    before, after = combined.read_combined(store, cells), groups.read_shares(store, cells)
    found = {home: _compare(services, home, _choose(home, cells, services), before, after) for home in homes}
    services.failpoint("combine.read")
    stored = _store(services, versions, found)
    services.failpoint("combine.stored")
    settled = {home.number: hints[home.number] for home in stored}
    changes.settle_left(store, partition, settled)
    services.failpoint("combine.settled")
    return Combined(
        settled=sum(map(len, settled.values())),
        left=len(stored) < len(homes),
        homes=frozenset(home for home in stored if found[home].changed),
    )


def _choose(home: Partition, cells: Mapping[str, object], services: Services) -> list[str]:
    return [group for group in cells if services.store.partition(group) == home]


def _compare(
    services: Services, home: Partition, ids: Sequence[str], before: Mapping[str, Days], after: Mapping[str, Days]
) -> _HomeChange:
    """Find the totals of groups of one home that have changed."""
    counted, rows = census.read(services.store, home, ids), things.read_rows(services.store, home, ids)
    found, others = _HomeChange(), dict[str, dict[int, int]]()
    for group in ids:
        days = {day: total for day, total in after[group].items() if total != before[group].get(day, NO_SHARE)}
        found.totals += [combined.pack_combined(group, day, total) for day, total in days.items()]
        judged = [day for day, total in days.items() if total.judged != before[group].get(day, NO_SHARE).judged]
        if judged and not counted.get(group, True):
            others[group] = {day: after[group][day].judged.micros for day in judged}
        elif judged and not _is_below(rows[group], judged, after[group]):
            found.changed[group] = min(judged)
    selected = first_spends.select_groups(services, home, others)
    found.changed |= {group: min(others[group]) for group in selected}
    return found


def _is_below(row: ThingRow, changed: Sequence[int], totals: Days) -> bool:
    """Return whether only running totals have changed, and none is above its alarm."""
    if row == NEW_THING or not all(day in row.alarms and totals[day].judged.exists for day in changed):
        return False
    alarms = ((totals[day].judged.micros, row.alarms[day]) for day in changed)
    return all(alarm is None or micros <= alarm for micros, alarm in alarms)


def _store(
    services: Services, versions: Mapping[Partition, int], found: Mapping[Partition, _HomeChange]
) -> list[Partition]:
    """Store what has changed in homes; return those in which nobody was faster."""
    changing = [home for home in found if found[home].totals]
    calls: list[tuple[Partition, dict[str, Argument]]] = []
    for home in changing:
        changed: list[Row] = [{"group": group, "day": day} for group, day in found[home].changed.items()]
        calls.append((home, {"version": versions[home], "totals": found[home].totals, "changed": changed}))
    done = map(answers.number, services.store.run_each("combine", calls))
    beaten = {home for home, is_stored in zip(changing, done, strict=True) if not is_stored}
    return [home for home in found if home not in beaten]
