"""Building totals anew: those of series from their entries, those of groups from these, and then every verdict on them.

It works while the service runs: each step corrects what differs in one script, or only marks what judges fold again. So
it can be ended at any point and run again, and two at once do no harm. Anomalies of past days raise no alerts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kumo.domain.entries import RESERVED
from kumo.domain.groups import DIMENSIONS
from kumo.domain.totals.completeness import Feed
from kumo.engine.detection import judge
from kumo.engine.totals import combining
from kumo.services import Services
from kumo.store import changes, feed, groups, marks, progress, rebuilding, series, sharing
from kumo.store.feed import Slice
from kumo.store.partition import Partition
from kumo.store.rebuilding import CALL_ENTRIES, Difference, Extent
from kumo.store.series import day_of

# Series that one step adds to the totals of their groups.
STEP_SERIES: Final = 1_000
# Differences that are named; the rest is counted.
NAMED: Final = 20
# No entry is of a day after this many from today on.
AHEAD: Final = 2

Report = Callable[[str, int, int], None]


@dataclass(slots=True)
class Rebuilt:
    """The result: how many entries and series there are, how many totals were wrong, and sentences about some."""

    entries: int = 0
    series: int = 0
    wrong_totals: int = 0
    wrong_shares: int = 0
    differences: list[str] = field(default_factory=list)


def rebuild(services: Services, report: Report) -> Rebuilt:
    """Compute every total again, and fold all; call `report` with the step, how much is done, and of how much."""
    store, built = services.store, Rebuilt()
    last_day = day_of(services.clock()) + AHEAD
    feeds: dict[str, Feed] = {}
    firsts: dict[str, int] = {}
    for done, partition in enumerate(store.partitions):
        report("totals", done, len(store.partitions))
        extents = list(rebuilding.read_extents(store, partition))
        _rebuild_totals(services, partition, extents, built)
        _rebuild_shares(services, partition, extents, built)
        feeds = progress.combine([feeds, _find_progress(services, extents)])
        firsts |= {each.series: each.first for each in extents}
    report("totals", len(store.partitions), len(store.partitions))
    while not sharing.share(store, STEP_SERIES, last_day):
        pass
    _note_progress(services, feeds)
    _mark_all(services, firsts)
    _fold_all(services, report)
    return built


def rebuild_progress(services: Services) -> None:
    """Find out from the entries how far the costs of each provider have come, and store it."""
    feeds: dict[str, Feed] = {}
    for partition in services.store.partitions:
        extents = list(rebuilding.read_extents(services.store, partition))
        feeds = progress.combine([feeds, _find_progress(services, extents)])
    _note_progress(services, feeds)


def _rebuild_totals(services: Services, partition: Partition, extents: Sequence[Extent], built: Rebuilt) -> None:
    store, waiting, size = services.store, list[rebuilding.Span](), 0
    last_day = day_of(services.clock()) + AHEAD
    built.series += len(extents)
    for extent in extents:
        built.entries += extent.entries
        for span in rebuilding.split_spans(extent, last_day):
            waiting.append(span)
            size += span.entries
            if size >= CALL_ENTRIES:
                _note(built, "series", rebuilding.rebuild_totals(store, partition, waiting))
                waiting, size = [], 0
    if waiting:
        _note(built, "series", rebuilding.rebuild_totals(store, partition, waiting))


def _rebuild_shares(services: Services, partition: Partition, extents: Sequence[Extent], built: Rebuilt) -> None:
    if not extents:
        return
    first, last = min(each.first for each in extents), max(each.last for each in extents)
    for begin, end in rebuilding.split_days(first, last, len(extents)):
        _note(built, "group", rebuilding.rebuild_shares(services.store, partition, begin, end))


def _note(built: Rebuilt, kind: str, found: Sequence[Difference]) -> None:
    if kind == "series":
        built.wrong_totals += len(found)
    else:
        built.wrong_shares += len(found)
    for each in found[: NAMED - len(built.differences)]:
        day = series.date_of(int(each.day.removeprefix("x")))
        built.differences.append(
            f"{kind} {each.thing}: {day} held {each.stored or 'nothing'}, its entries give {each.computed or 'nothing'}"
        )


def _find_progress(services: Services, extents: Sequence[Extent]) -> dict[str, Feed]:
    """Return the newest day of each provider in some series, and whether its entry is from a bill."""
    newest = {each.series: each for each in extents}
    known = series.identities(services.store, list(newest))
    best: dict[str, Extent] = {}
    for series_id, identity in known.items():
        if identity.charge_category:
            continue
        provider, extent = progress.name_provider(identity), newest[series_id]
        if provider not in best or extent.last > best[provider].last:
            best[provider] = extent
    names = [(extent.series, extent.newest) for extent in best.values()]
    external = rebuilding.read_external_ids(services.store, names)
    return {
        provider: Feed(newest=extent.last, imported=name.startswith(RESERVED))
        for (provider, extent), name in zip(best.items(), external, strict=True)
    }


def _note_progress(services: Services, feeds: dict[str, Feed]) -> None:
    """Store how far providers have come, in one partition: it is read from all."""
    partition, noted = services.store.partitions[0], Slice()
    noted.totals.progress = feeds
    while feeds:
        fence = feed.read_fence(services.store, partition)
        if feed.commit(services.store, partition, fence, fence.cursor, noted) is not None:
            return


def _mark_all(services: Services, firsts: Mapping[str, int]) -> None:
    """Mark all that is judged by its totals, from its first day on; a group from the first day of all series on."""
    store, first = services.store, min(firsts.values(), default=0)
    homes: dict[Partition, set[str]] = {partition: set() for partition in store.partitions}
    for dimension in DIMENSIONS:
        for group in groups.list_values(store, dimension):
            homes[store.partition(group.id)].add(group.id)
    for partition, known in homes.items():
        of_series, others = marks.list_things(store, partition)
        marks.mark(store, partition, {each: firsts.get(each, first) for each in of_series | others | known}, {})


def _fold_all(services: Services, report: Report) -> None:
    """Combine and fold until nothing waits, beside the judges."""
    store = services.store
    count = len(store.partitions)
    while waiting := changes.find_partitions(store):
        report("groups", count - len(waiting), count)
        for partition in waiting:
            while combining.combine(services, partition).settled:
                pass
    while unfolded := feed.find_unfolded(store):
        for place, partition in enumerate(unfolded):
            report("verdicts", count - len(unfolded) + place, count)
            while judge.judge_slice(services, partition) != 0:
                pass
    report("verdicts", count, count)
