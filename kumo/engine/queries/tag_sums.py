"""Daily totals by tags. They have no roll-ups, so each entry of the days is read: exact, but limited in number."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from kumo.domain.entries import DAY_MS, Series
from kumo.domain.names import spellings
from kumo.domain.parts import OTHER_VALUES, Labels
from kumo.domain.tagged import NotKnownError, Tagged
from kumo.engine.queries.listing import two_splits
from kumo.engine.queries.views import DailyTotal
from kumo.errors import FieldError, InvalidQueryError
from kumo.services import Services
from kumo.store import entries, series, watermarks
from kumo.store.series import date_of, day_of

# A month of ten thousand series, which takes some seconds.
MOST_ENTRIES: Final = 400_000
_TOO_MANY: Final = "begins so early that more than {:,} costs would be read: sum fewer days by tag, or filter them"


# A day, counted from 1970-01-01, and a currency.
_Place = tuple[int, str]
# The total of a day in a currency, by name: micros, and the number of entries or parts of entries.
_Day = dict[str, tuple[int, int]]
_Name = TypeVar("_Name")


@dataclass(slots=True)
class _TagSums:
    by: str
    tagged: Tagged
    days: dict[_Place, _Day] = field(default_factory=lambda: defaultdict(dict))
    entries: Counter[_Place] = field(default_factory=Counter)
    incomplete: set[_Place] = field(default_factory=set)
    names: dict[str, dict[str, str]] = field(default_factory=dict)

    def count(self, identity: Series, day: int, amount: int, labels: Labels) -> None:
        """Add the queried part of an entry to the sums of its day."""
        place = (day, identity.currency)
        if not self.tagged.is_complete(labels):
            self.incomplete.add(place)
        sums = self.days[place]
        for value, micros in self.tagged.pieces(labels, amount).items():
            _add(sums, value if self.tagged.by else self._name(identity), micros, 1)
        self.entries[place] += 1

    def _name(self, series: Series) -> str:
        names = {name: getattr(series, name) for name in self.by.split(",") if hasattr(series, name)}
        key = ",".join(names.values())
        if len(names) > 1:
            self.names[key] = names
        return key

    def add_removed(self, rolled_up: Mapping[_Place, tuple[int, int]]) -> None:
        """Add the amounts that only the daily totals still have: the retention removed their entries and tags."""
        for place, (micros, count) in rolled_up.items():
            if count > self.entries[place]:
                sums = self.days[place]
                left = micros - sum(each for each, _ in sums.values())
                _add(sums, OTHER_VALUES, left, count - self.entries[place])
                self.incomplete.add(place)

    def totals(self) -> list[DailyTotal]:
        """Return them by day, name and currency; each name in one spelling."""
        spelled = spellings(name for sums in self.days.values() for name in sums)
        found: dict[tuple[int, str, str], tuple[int, int]] = {}
        for (day, currency), sums in self.days.items():
            for name, (micros, count) in sums.items():
                _add(found, (day, spelled[name], currency), micros, count)
        return [
            DailyTotal(
                date=date_of(day),
                key=name,
                currency=currency,
                amount=micros,
                entries=count,
                complete=(day, currency) not in self.incomplete,
                names=self.names.get(name, {}),
            )
            for (day, name, currency), (micros, count) in sorted(found.items())
        ]


def _add(sums: dict[_Name, tuple[int, int]], name: _Name, micros: int, count: int) -> None:
    known, counted = sums.get(name, (0, 0))
    sums[name] = known + micros, counted + count


def sum_days(
    services: Services, by: str, tagged: Tagged, filters: Mapping[str, str], first: int, last: int
) -> list[DailyTotal]:
    """Return totals of the days from `first` to `last`, counted from 1970-01-01, by a field of the series or a tag.

    Raises `InvalidQueryError` for too many entries, or for two tags whose overlap is unknown.
    """
    sums = _TagSums(by, tagged)
    ids = series.matching(services.store, filters)
    places = entries.within(services.store, ids, first * DAY_MS, (last + 1) * DAY_MS - 1, MOST_ENTRIES + 1)
    if len(places) > MOST_ENTRIES:
        raise InvalidQueryError([FieldError("from", _TOO_MANY.format(MOST_ENTRIES))])
    known = series.identities(services.store, ids)
    try:
        for place, amount, labels in entries.read_labelled(services.store, places):
            sums.count(known[place.series_id], day_of(place.timestamp), amount, labels)
    except NotKnownError:
        raise two_splits() from None
    if not tagged.wanted:
        reached = day_of(watermarks.highest(services.store))
        sums.add_removed(_roll_up(services, known, first, min(last, reached - 1)))
    return sums.totals()


def _roll_up(services: Services, known: Mapping[str, Series], first: int, last: int) -> dict[_Place, tuple[int, int]]:
    """Return the totals of days in micros with their numbers of entries, including removed entries."""
    found: dict[_Place, tuple[int, int]] = {}
    for series_id, rows in series.daily(services.store, list(known), first, last):
        for day, count, micros in rows:
            _add(found, (day, known[series_id].currency), micros, count)
    return found
