"""The days of folded things that are first spends. They are anomalies: no detector knows something new."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial

from kumo.domain.entries import DAY_MS
from kumo.domain.first_spend import SILENT_DAYS, as_first_spend
from kumo.domain.judging import Arrival, Cause
from kumo.domain.moments import EMPTY
from kumo.domain.totals.folding import Flagged, JudgedPeriod
from kumo.engine.totals import first_spends, worth
from kumo.engine.totals.first_spends import Limit
from kumo.engine.totals.folding import ALWAYS, FoldedThing
from kumo.engine.totals.subjects import Subject
from kumo.services import Services


def mark(services: Services, known: Mapping[str, Subject], folded: Mapping[str, FoldedThing]) -> dict[str, FoldedThing]:
    """Return folded things with the days that are first spends as anomalies.

    A running day on which a thing may be new is folded again as soon as it costs more than the limit.
    """
    asked = {thing: days for thing, each in folded.items() if (days := _find_first_days(each))}
    if not asked:
        return dict(folded)
    fleet, marked = worth.read(services), dict(folded)
    for currency in {known[thing].identity.currency for thing in asked}:
        limit = partial(fleet.compute_first_limit, currency)
        mine = {thing: days for thing, days in asked.items() if known[thing].identity.currency == currency}
        found = first_spends.find(services, limit, mine)
        marked |= {thing: _mark(folded[thing], limit, days, found.get(thing, [])) for thing, days in mine.items()}
    return marked


def _find_first_days(folded: FoldedThing) -> dict[int, int]:
    """Return the micros of the judged days before which there were no entries for long, by day."""
    judged = {period.number for period in folded.judged}
    before = [None, *(total.day for total in folded.totals)]
    return {
        total.day: total.micros
        for earlier, total in zip(before, folded.totals, strict=False)
        if total.day in judged and (earlier is None or total.day - earlier - 1 > SILENT_DAYS)
    }


def _mark(folded: FoldedThing, limit: Limit, days: Iterable[int], news: Collection[int]) -> FoldedThing:
    limits = {day: above for day in days if (above := limit(day)) is not None}
    alarms = dict(folded.row.alarms)
    for day in limits.keys() & alarms.keys():
        alarm = alarms[day]
        alarms[day] = ALWAYS if day in news else limits[day] if alarm is None else min(alarm, limits[day])
    judged = [_mark_period(period, limits, news) for period in folded.judged]
    asides = {day: _mark_period(period, limits, news) for day, period in folded.asides.items()}
    flagged = {
        period.number: _describe(period, limits[period.number])
        for period in judged
        if period.cause is Cause.FIRST_SPEND
    }
    return replace(
        folded,
        row=replace(folded.row, alarms=alarms),
        judged=judged,
        asides=asides,
        flagged={**folded.flagged, **flagged},
    )


def _describe(period: JudgedPeriod, limit: int) -> Flagged:
    """Return how a first spend was judged: without a history, by the limit alone."""
    arrival = Arrival(
        seq=1,
        series_id="",
        entry_seq=1,
        timestamp=period.number * DAY_MS,
        amount=period.micros,
        baseline=EMPTY,
    )
    return Flagged(arrival, b"", limit)


def _mark_period(period: JudgedPeriod, limits: Mapping[int, int], news: Collection[int]) -> JudgedPeriod:
    is_news = period.number in news and period.micros > limits[period.number]
    return as_first_spend(period, limits[period.number]) if is_news else period
