"""An anomaly of totals in words: what a day cost, what is usual, and why there was an alert or none."""

from collections.abc import Iterator, Mapping
from typing import Final

from kumo.domain import money
from kumo.domain.anomalies import Anomaly, AnomalyStatus
from kumo.domain.judging import REMARKS, Cause
from kumo.domain.subjects import Subject, describe_scope, read_scope
from kumo.domain.totals.folding import JudgedPeriod
from kumo.domain.totals.periods import Grain, number_period
from kumo.domain.worth import NotSent

_REASONS: Final[Mapping[NotSent, str]] = {
    NotSent.TOO_OLD: "its last day was older than KUMO_ALERT_MAX_AGE when it was judged",
    NotSent.BELOW_MINIMUM: "its impact is below the minimum of the policy, or of KUMO_MIN_IMPACT and KUMO_MIN_SHARE",
    NotSent.WITHIN_BUDGET: "a day like this is not rare enough among all that is watched (KUMO_FALSE_ALERTS)",
    NotSent.OFFSET: "other costs of the same service fell by as much",
    NotSent.PLANNED: "it was planned",
    NotSent.SNOOZED: "it is snoozed",
    NotSent.FEEDBACK: "similar days were called expected",
    NotSent.NO_DESTINATION: "no destination is configured",
    NotSent.OFF: "alerts are off",
}
_RARE: Final = 1_000_000  # days; beyond that a chance is only a formula


def explain_total(anomaly: Anomaly, period: JudgedPeriod, subject: Subject) -> Iterator[str]:
    """Yield sentences about the period of an anomaly that is shown, all of its periods, and its alerts."""
    yield from _describe_period(period, subject)
    yield from _describe_all(anomaly, subject.currency)
    yield from _describe_alerts(anomaly)


def _describe_period(period: JudgedPeriod, subject: Subject) -> Iterator[str]:
    currency = subject.currency
    name, day = describe_scope(read_scope(subject), currency), number_period(period.number, Grain.DAY).text
    cost = f"{name[:1].upper()}{name[1:]} cost {_money(period.micros, currency)} on {day}"
    if period.cause is Cause.FIRST_SPEND:
        yield f"{cost}, where nothing was spent before, or not for long."
        return
    if period.hours_excess is not None:
        more = _money(period.hours_excess, currency)
        yield f"{cost}. The day as a whole is usual, but some of its hours cost {more} more than usual."
        return
    if period.usual is None:
        yield f"{cost}. There is too little history to judge it by."
        return
    impact = period.micros - period.usual
    share = f" ({impact / period.usual:+,.1%})" if period.usual > 0 else ""
    side = "below" if impact < 0 else "above"
    yield f"{cost}: {_money(abs(impact), currency)}{share} {side} the usual {_money(period.usual, currency)}."
    if period.limit is not None and period.score is not None:
        compared = "above" if period.score > period.threshold else "not above"
        yield (
            f"Up to {_money(period.limit, currency)} is normal. The score of {period.score:,.2f} is {compared} the"
            f" threshold of {period.threshold:g}.{REMARKS.get(period.cause, '') if period.cause else ''}"
        )
    if period.chance:
        often = f"once in {round(1 / period.chance):,} days" if period.chance * _RARE > 1 else "practically never"
        yield f"With healthy costs such a day happens {often}."


def _describe_all(anomaly: Anomaly, currency: str) -> Iterator[str]:
    if anomaly.periods > 1 and anomaly.first_period is not None and anomaly.last_period is not None:
        first, last = (number_period(each, Grain.DAY).text for each in (anomaly.first_period, anomaly.last_period))
        total = _money(anomaly.excess, currency)
        yield f"From {first} to {last}, {anomaly.periods:,} days were anomalous: {total} above the usual in all."


def _describe_alerts(anomaly: Anomaly) -> Iterator[str]:
    if anomaly.part_of:
        yield f"It became a part of the anomaly {anomaly.part_of}."
    elif anomaly.status is AnomalyStatus.WITHDRAWN:
        yield "It was withdrawn, because no day of it is anomalous any more."
    elif anomaly.not_sent is not None:
        yield f"No alert was sent, because {_REASONS.get(anomaly.not_sent, anomaly.not_sent)}."
    elif anomaly.told:
        yield "An alert was sent." if anomaly.alerts <= 1 else f"{anomaly.alerts:,} alerts were sent."


def _money(micros: int, currency: str) -> str:
    return f"{money.units(micros):,.2f} {currency}"
