"""What a day of a currency brings: anomalies of totals and first spend, each with the reason why it is not told."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from kumo.domain.entries import Series
from kumo.domain.first_spend import AUTO, SERIES, Newcomer, compute_limit, find_first_spends, is_new
from kumo.domain.groups import ALL, SERVICE, Group
from kumo.domain.ledger import Ledger, Thing
from kumo.domain.offsets import Offset, Sibling, find_offset
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.domain.worth import NO_FLEET, AlertLimits, Candidate, Fleet, NotSent, find_reason, weigh

DEFAULT_LIMITS: Final = AlertLimits()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a day: the ids of the series or groups, the impact in micros, and why it is not told, if so."""

    names: tuple[str, ...]
    impact: int
    reason: NotSent | None = None
    is_first_spend: bool = False
    offset: Offset | None = None


@dataclass(frozen=True, slots=True)
class DayReview:
    """Looks at one day of one currency, after the ledger is judged; earlier days are over."""

    ledger: Ledger
    currency: str
    day: int
    limits: AlertLimits = DEFAULT_LIMITS
    first_spend: float | None = AUTO

    def find(self) -> list[Finding]:
        """Return all findings: first spend first, then anomalies."""
        return [*self._find_first_spends(), *self._find_anomalies()]

    def _find_anomalies(self) -> Iterator[Finding]:
        judged = dict(self.ledger.find_judged(self.currency, self.day))
        fleet, before = self._count_fleet(judged.values())
        for name, thing in judged.items():
            period = thing.judged.get(self.day)
            if period is None or period.status is not TotalStatus.ANOMALY:
                continue
            spend = thing.totals[before].micros if before in thing.totals else 0
            yield self._weigh_up(name, thing, period, weigh(fleet, spend))

    def _weigh_up(self, name: str, thing: Thing, period: JudgedPeriod, weight: float) -> Finding:
        impact = period.micros - (period.usual or 0)
        candidate = Candidate(
            currency=self.currency,
            impact=impact,
            usual_day=self._usual_day(),
            chance=period.chance,
            weight=weight,
        )
        reason, offset = find_reason(candidate, self.limits), self._find_offset(name, thing, impact)
        if reason is None and offset is not None and offset.silences:
            reason = NotSent.OFFSET
        return Finding((name,), impact, reason, offset=offset)

    def _count_fleet(self, judged: Iterable[Thing]) -> tuple[Fleet, int]:
        """Return the fleet on the last complete day of all costs, and that day."""
        whole = self.ledger.find_all(self.currency)
        place = bisect_left(whole.days, self.day) if whole else 0
        if whole is None or not place:
            return NO_FLEET, -1
        before = whole.days[place - 1]
        sizes = [abs(thing.totals[before].micros) for thing in judged if before in thing.totals]
        return Fleet(things=len(sizes), of_currency=len(sizes), spend=sum(sizes)), before

    def _usual_day(self) -> int | None:
        """Return what is usual for all costs of this day, or of the newest one that was judged."""
        whole = self.ledger.find_all(self.currency)
        if whole is None or not whole.judged:
            return None
        return whole.judged[max(day for day in whole.judged if day <= self.day)].usual

    def _find_offset(self, name: str, thing: Thing, rise: int) -> Offset | None:
        if not isinstance(thing.subject, Series):
            return None
        group = Group(SERVICE, (thing.subject.service,), self.currency).id
        service = self.ledger.things[group].judged.get(self.day)
        others = self.ledger.members[group] - {name}
        within = service is not None and service.status is not TotalStatus.ANOMALY
        return find_offset(rise, map(self._describe_sibling, sorted(others)), within_usual=within)

    def _describe_sibling(self, name: str) -> Sibling:
        thing = self.ledger.things[name]
        over = [day for day in thing.days if day < self.day]
        last = thing.judged.get(over[-1]) if over else None
        usual = last.usual or 0 if last else 0
        missing = usual if over and over[-1] < self.day - 1 else 0  # it had no entries on the last day that is over
        fallen = missing or (usual - last.micros if last else 0)
        total = thing.totals.get(self.day)
        return Sibling(
            series_id=name,
            usual=usual,
            total=None if total is None else total.micros,
            is_over=False,
            fallen=fallen,
        )

    def _find_first_spends(self) -> Iterator[Finding]:
        complete = self.ledger.count_complete_days(self.currency, self.day)
        limit = compute_limit(self.first_spend, self._usual_day(), complete, self.currency)
        if limit is None:
            return
        found = [self._newcomer(name, thing) for name, thing in self.ledger.things.items() if self._is_new(thing)]
        for each in find_first_spends(found, limit):
            yield Finding(tuple(newcomer.id for newcomer in each.newcomers), each.micros, is_first_spend=True)

    def _is_new(self, thing: Thing) -> bool:
        if thing.subject.currency != self.currency or self.day not in thing.totals:
            return False
        if isinstance(thing.subject, Group) and thing.subject.dimension == ALL:
            return False
        return is_new(thing.days[: bisect_left(thing.days, self.day)], self.day)

    def _newcomer(self, name: str, thing: Thing) -> Newcomer:
        if isinstance(thing.subject, Series):
            return Newcomer(name, SERIES, {name: thing.totals[self.day].micros})
        return Newcomer(name, thing.subject.dimension, self.ledger.spend_by_series(name, self.day))
