"""What a ledger brings beside verdicts: its fleet, first spend, and falls that offset a rise."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kumo.domain.entries import Series
from kumo.domain.first_spend import SERIES, SILENT_DAYS, FirstSpend, Newcomer, find_first_spends, is_new
from kumo.domain.groups import ALL, SERVICE, Group
from kumo.domain.ledger import Ledger
from kumo.domain.offsets import Offset, Sibling, find_offset
from kumo.domain.thing import Thing
from kumo.domain.totals.folding import TotalStatus
from kumo.domain.worth import FleetDay


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
        usual_day=judged.usual if (judged := whole.judged.get(day)) else None,
        things=len(sizes),
        spend=sum(sizes),
        stored=ledger.count_things(),
    )


def find_falls(ledger: Ledger, name: str, day: int, rise: int) -> Offset | None:
    """Return which other series of the service fell while a series rose by so many micros."""
    subject = ledger.things[name].subject
    if not isinstance(subject, Series):
        return None
    group = Group(SERVICE, (subject.service,), subject.currency).id
    service = ledger.get_totals(group).judged.get(day)
    within = service is not None and service.status is not TotalStatus.ANOMALY
    others = sorted(other for other in ledger.list_members(group) if other != name)
    siblings = (_describe_sibling(other, ledger.things[other], day, ledger.first_running) for other in others)
    return find_offset(rise, siblings, within_usual=within)


def _describe_sibling(name: str, thing: Thing, day: int, first_running: int) -> Sibling:
    over = thing.days[: bisect_left(thing.days, min(day, first_running))]
    last = thing.judged.get(over[-1]) if over else None
    usual = last.usual or 0 if last else 0
    missing = usual if over and over[-1] < day - 1 else 0  # it had no entries on the day before
    fallen = missing or (usual - last.micros if last else 0)
    return Sibling(
        series_id=name,
        usual=usual,
        total=thing.read_total(day),
        is_over=day < first_running,
        fallen=fallen,
        came_whole=thing.is_single(day),
    )


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
