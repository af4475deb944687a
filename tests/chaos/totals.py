"""What must come of totals: of every series and group, by the domain alone, from what the clients sent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kumo.domain.detectors import Detector
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import PROVIDER, Group, has_own_verdict, share_entry
from kumo.domain.thing import Thing
from kumo.domain.totals.amounts import NOTHING, PeriodTotal
from kumo.domain.totals.chain import Chain, Checkpoint, compute_fingerprint, unpack
from kumo.domain.totals.completeness import Feed, GroupFeed, first_running_day, first_running_day_of_group
from kumo.domain.totals.folding import JudgedPeriod, Stretch, TotalStatus, fold
from kumo.domain.totals.periods import Grain
from kumo.engine.totals import census, marking
from kumo.services import Services
from kumo.store import census as stored_census
from kumo.store import changes, feed, fleets, groups, marks, progress, things
from kumo.store.groups import ShareOfDay
from kumo.store.period_codec import pack_period, unpack_period
from kumo.store.series import day_of
from tests.chaos.book import Book
from tests.chaos.findings import PROGRESS, TOTALS, VERDICTS_OF_TOTALS, Findings
from tests.chaos.reference import Story


@dataclass
class Expected:
    """The totals of every series and group by day, the series of each group, and the progress of providers."""

    totals: dict[str, dict[int, PeriodTotal]] = field(default_factory=lambda: defaultdict(dict))
    subjects: dict[str, Series | Group] = field(default_factory=dict)
    members: dict[str, set[Series]] = field(default_factory=lambda: defaultdict(set))
    feeds: dict[str, Feed] = field(default_factory=dict)

    def add(self, entries: Iterable[Entry], tag_keys: Sequence[str]) -> None:
        """Add entries to the totals of their series and groups."""
        for entry in entries:
            for share in share_entry(entry, tag_keys):
                self.members[share.group.id].add(entry.series)
                self._add(share.group.id, share.group, entry.timestamp // DAY_MS, share.total)
            self._add(entry.series.id, entry.series, entry.timestamp // DAY_MS, share.total)

    def _add(self, thing: str, subject: Series | Group, day: int, total: PeriodTotal) -> None:
        self.subjects.setdefault(thing, subject)
        self.totals[thing][day] = self.totals[thing].get(day, NOTHING).combine(total)

    def find_first_running_day(self, thing: str, today: int, settle_days: int) -> int:
        """Return the first day of a thing that is not over."""
        subject = self.subjects[thing]
        if isinstance(subject, Series):
            return first_running_day(self.feeds[progress.name_provider(subject)], today, settle_days)
        names = {progress.name_provider(series): series for series in self.members[thing]}
        feeds = [GroupFeed(self.feeds[name], self._spend_of_provider(series)) for name, series in sorted(names.items())]
        return first_running_day_of_group(feeds, today, settle_days)

    def _spend_of_provider(self, series: Series) -> Mapping[int, int]:
        days = self.totals[Group(PROVIDER, (series.provider,), series.currency).id]
        return {day: total.micros for day, total in days.items()}


def expect(book: Book, told: Mapping[str, Story], services: Services) -> Expected:
    """Compute all totals."""
    expected = Expected()
    for story in told.values():
        expected.add(story.entries(), services.settings.tag_keys)
        newest = Feed(max(timestamp for timestamp, _ in story.amounts.values()) // DAY_MS)
        _advance(expected.feeds, progress.name_provider(story.series), newest)
    expected.add(book.bill, services.settings.tag_keys)
    for series in {entry.series for entry in book.bill}:
        _advance(expected.feeds, progress.name_provider(series), Feed(max(book.bill_days), imported=True))
    return expected


def _advance(feeds: dict[str, Feed], name: str, newest: Feed) -> None:
    feeds[name] = max(newest, feeds.get(name, newest))


def check(
    expected: Expected, detectors: Mapping[str, Detector[Any]], services: Services, findings: Findings
) -> dict[str, Detector[Any]]:
    """Compare sums, verdicts and states of all totals; Kumo must be at rest. `detectors` are those of series.

    Returns the detectors of all that is judged.
    """
    findings.wrong[TOTALS] += _sums(expected, services)
    found = progress.read(services.store)
    if found != expected.feeds:
        findings.wrong[PROGRESS].append(f"progress is {found}, the clients' entries give {expected.feeds}")
    judged = {thing: detectors.get(thing, services.detector) for thing in _judged(expected, services)}
    findings.seen["series and groups with verdicts"] = len(judged)
    for thing, detector in judged.items():
        verdicts = _Verdicts(services, thing, detector, expected)
        findings.wrong[VERDICTS_OF_TOTALS] += list(verdicts.compare())
        findings.seen["days judged"] += len(expected.totals[thing])
    return judged


def unfinished(services: Services) -> Iterator[str]:
    """Yield the work on totals that is left."""
    store = services.store
    yield from (f"{len(names)} hints are left" for names in [changes.find_partitions(store)] if names)
    waiting = feed.find_unfolded(store)
    yield from (f"totals of partition {partition.number} are still to be folded" for partition in waiting)
    if census.is_due(services):
        yield "the census is due"
    days = marking.calendar.read(services, {})
    wanted = marking.describe_running(services, days)
    for rolled in marks.read_rolled(store):
        if wanted.items() - rolled.items():
            yield f"the days that are over are not marked: {dict(wanted.items() - rolled.items())}"


def _sums(expected: Expected, services: Services) -> Iterator[str]:
    """Compare the stored totals: of series, and the combined ones of groups."""
    last = day_of(services.clock()) + 2
    first = min((day for days in expected.totals.values() for day in days), default=last)
    ids = sorted(expected.totals)
    found = groups.read_totals(services.store, ids, first - 60, last)
    for thing in ids:
        wanted = {day: ShareOfDay(total) for day, total in expected.totals[thing].items() if total.exists}
        for day in sorted(wanted.keys() | found[thing].keys()):
            if wanted.get(day) != found[thing].get(day):
                name = f"{thing} {expected.subjects[thing]}"
                yield f"{name} on {day}: {found[thing].get(day)}, expected {wanted.get(day)}"


def _judged(expected: Expected, services: Services) -> Iterator[str]:
    """Yield the series, and the groups that the census has chosen."""
    fleet = fleets.read(services.store).days
    for thing, subject in sorted(expected.subjects.items()):
        if isinstance(subject, Series):
            yield thing
            continue
        days = fleet[subject.currency].complete_days if subject.currency in fleet else 0
        counted = stored_census.read(services.store, services.store.partition(thing), [thing])
        active, is_chosen = len(expected.members[thing]), counted.get(thing, True)
        if has_own_verdict(subject, complete_days=days, series=active, is_chosen=is_chosen):
            yield thing


@dataclass
class _Verdicts:
    """The verdicts on the totals of one thing."""

    services: Services
    thing: str
    detector: Detector[Any]
    expected: Expected

    def compare(self) -> Iterator[str]:
        """Yield what differs from the fold of all totals in order."""
        settings, store = self.services.settings, self.services.store
        today = day_of(self.services.clock())
        running = self.expected.find_first_running_day(self.thing, today, settings.settle_days)
        totals = sorted((day, total) for day, total in self.expected.totals[self.thing].items() if total.exists)
        days, amounts = [day for day, _ in totals], [total.micros for _, total in totals]
        folded = Thing(self.expected.subjects[self.thing], days, amounts, [total.entries for _, total in totals])
        folded.fold(self.detector, settings.window, running)
        found = things.read_periods(store, [self.thing], min(days) - 60, today + 2)[self.thing]
        name = f"{self.thing} {self.expected.subjects[self.thing]}"
        for day in sorted(found.keys() | folded.judged.keys()):
            wanted = folded.judged.get(day)
            if not _agree(found.get(day), wanted, is_running=day >= running):
                yield f"{name} on {day} is {found.get(day)}, folded from {running} on it is {wanted}"
        row = things.read_rows(store, store.partition(self.thing), [self.thing])[self.thing]
        chain = unpack(row.days, Grain.DAY, compute_fingerprint(self.detector, settings.window))
        if not [day for day in days if chain.frontier <= day < running]:  # nobody folds days without a total
            nothing = Stretch(totals=[], first_running=running, window=settings.window)
            chain = fold(self.detector, chain, nothing).chain if chain.frontier < running else chain
        # A checkpoint that is missing costs time, and is not wrong; the newest one must be there.
        here, wanted_states = _list_states(chain), _list_states(folded.chain)
        if here[-1:] != wanted_states[-1:] or not set(here) <= set(wanted_states):
            found_days, wanted_days = ([each.before for each in some.checkpoints] for some in (chain, folded.chain))
            yield f"{name}: the states before {found_days} are not those of a fold, before {wanted_days}"


def _list_states(chain: Chain) -> list[Checkpoint]:
    """Return the checkpoints from the first total on: before it there is nothing to know, noted or not."""
    return [each for each in chain.checkpoints if each.state or each == chain.checkpoints[-1]]


def _agree(found: JudgedPeriod | None, wanted: JudgedPeriod | None, *, is_running: bool) -> bool:
    """Tell whether two verdicts are the same; a running total below its limit is only judged if its day is over."""
    if found is None or wanted is None:
        return found is wanted
    if is_running and found.status == wanted.status == TotalStatus.RUNNING:
        found = found._replace(micros=wanted.micros, score=wanted.score)
        # Rounding may move the limit of a total that is just below it.
        return (found.usual, found.detector) == (wanted.usual, wanted.detector)
    return found == unpack_period(wanted.number, pack_period(wanted))
