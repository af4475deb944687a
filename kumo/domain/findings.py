"""What a ledger brings beside verdicts: its fleet, first spend, and falls that offset a rise."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median_low
from typing import Final

from kumo.domain.entries import Series
from kumo.domain.first_spend import SERIES, SILENT_DAYS, FirstSpend, Newcomer, find_first_spends, is_new
from kumo.domain.groups import ALL, SERVICE, Group
from kumo.domain.ledger import Ledger
from kumo.domain.offsets import Offset, Rise, Sibling, SiblingDays, find_offset, is_whole_day
from kumo.domain.thing import Thing
from kumo.domain.worth import FleetDay

USUAL_DAYS: Final = 7  # of which the median is the usual day: weekends differ


def count_fleets(ledger: Ledger) -> dict[str, FleetDay]:
    """Return the fleet of each currency on the last complete day of its `all`."""
    return {currency: _count_fleet(ledger, currency, things) for currency, things in _group_judged(ledger).items()}


def _group_judged(ledger: Ledger) -> Mapping[str, list[Thing]]:
    found: dict[str, list[Thing]] = defaultdict(list)
    for name, thing in ledger.things.items():
        if ledger.has_own_verdict(name):
            found[thing.subject.currency].append(thing)
    return found


def _count_fleet(ledger: Ledger, currency: str, things: Iterable[Thing]) -> FleetDay:
    whole = ledger.find_all(currency)
    complete = ledger.count_complete_days(currency)
    if whole is None or not complete:
        return FleetDay()
    day = whole.days[complete - 1]
    totals = [thing.read_total(day) for thing in things]
    sizes = [abs(micros) for micros in totals if micros is not None]
    return FleetDay(
        day=day,
        complete_days=complete,
        usual_day=_find_usual_day(whole, complete),
        things=len(sizes),
        spend=sum(sizes),
        stored=ledger.count_things(),
    )


def _find_usual_day(whole: Thing, complete: int) -> int:
    """Return the median of what was usual on the newest days of all costs; of their totals before they are judged."""
    newest = [whole.judged[day].usual for day in whole.days[:complete][-USUAL_DAYS:] if day in whole.judged]
    usual = [each for each in newest if each is not None] or whole.micros[:complete][-USUAL_DAYS:]
    return median_low(usual)


def find_falls(ledger: Ledger, name: str, first: int, last: int, rise: int) -> Offset | None:
    """Return which other series of the service fell while a series rose by so many micros, since a first day."""
    subject = ledger.get_subject(name)
    if not isinstance(subject, Series):
        return None
    service_id = Group(SERVICE, (subject.service,), subject.currency).id
    service, whole = ledger.get_totals(service_id), ledger.find_all(subject.currency)
    if whole is None or not _is_within(service, last):
        return None
    others = (whole.read_total(last) or 0) - (service.read_total(last) or 0)
    usual = (_find_newest_usual(whole, last) or 0) - (_find_newest_usual(service, last) or 0)
    days = Rise(first=first, last=last, first_running=ledger.first_running, is_whole=is_whole_day(others, usual))
    siblings = sorted(each for each in ledger.list_members(service_id) if each != name)
    return find_offset(rise, (_describe(ledger.things[each], each, days) for each in siblings), within_usual=True)


def _describe(thing: Thing, name: str, rise: Rise) -> Sibling:
    totals = {day: total for day in rise.days if (total := thing.read_day(day))}
    return SiblingDays(totals, thing.judged).describe(name, rise)


def _is_within(service: Thing, day: int) -> bool:
    """Return whether a service costs no more than it may on a day."""
    period, total = service.judged.get(day), service.read_total(day) or 0
    return period is not None and period.usual is not None and (period.limit is None or total <= period.limit)


def _find_newest_usual(thing: Thing, day: int) -> int | None:
    period = thing.judged.get(day)
    return period.usual if period else None


@dataclass(slots=True)
class FirstDays:
    """Finds what is new on a day, as entries arrive."""

    ledger: Ledger
    _new: dict[tuple[str, int], dict[str, None]] = field(default_factory=dict)
    _checked: dict[str, int] = field(default_factory=dict)

    def begin_day(self, day: int) -> None:
        """Forget the days long before one."""
        self._new = {key: names for key, names in self._new.items() if key[1] >= day - SILENT_DAYS}

    def note(self, series_id: str, currency: str, groups: Iterable[str], day: int) -> bool:
        """Take notice of an entry of a series on a day; return whether the series or a group of it is new then."""
        known = self._new.get((currency, day), {})
        found = False
        for name in (series_id, *groups):
            if self._checked.get(name) != day:
                self._checked[name] = day
                if self._is_new(name, day):
                    known[name] = None
            found = found or name in known
        if known:
            self._new[currency, day] = known
        return found

    def find(self, currency: str, day: int, limit: int) -> list[FirstSpend]:
        """Return what of the new things costs more than a limit in micros on their day, under its broadest name."""
        names = self._new.get((currency, day), ())
        large = [name for name in names if (self.ledger.get_totals(name).read_total(day) or 0) > limit]
        return find_first_spends([self._describe(name, day) for name in large], limit) if large else []

    def _is_new(self, name: str, day: int) -> bool:
        if self._find_dimension(name) == ALL:
            return False
        days = self.ledger.get_totals(name).days
        place = bisect_left(days, day)
        if place and day - days[place - 1] <= SILENT_DAYS + 1:
            return False
        return is_new(days[:place], day)

    def _describe(self, name: str, day: int) -> Newcomer:
        return Newcomer(name, self._find_dimension(name), self.ledger.spend_by_series(name, day))

    def _find_dimension(self, name: str) -> str:
        group = self.ledger.find_group(name)
        return group.dimension if group else SERIES
