"""A verdict in words and numbers, as an explanation for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kumo.domain import first_spend, money
from kumo.domain.detectors import build
from kumo.domain.detectors.adaptive.cadence import HOUR_MS, HOURS, SATURDAY, moment
from kumo.domain.detectors.adaptive.detector import Adaptive
from kumo.domain.detectors.adaptive.explaining import Explanation
from kumo.domain.detectors.adaptive.reading import NEW_HIGH
from kumo.domain.evidence import Evidence
from kumo.domain.judging import Cause, Verdict

WEEKDAYS: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
NOTABLE: Final = 0.01  # a season that moves the level by less than one percent is not mentioned


@dataclass(frozen=True, slots=True)
class Explained:
    """The verdict that opened an anomaly, computed again from its evidence; `parts` only with `adaptive`."""

    verdict: Verdict
    parts: Explanation | None
    words: tuple[str, ...]


def explain(
    evidence: Evidence, currency: str, drivers: Sequence[tuple[str, int]], *, of_total: bool = False
) -> Explained:
    """Judge the arrival again with the state before it, and explain the verdict; `of_total`: that of a day's total."""
    detector = build(evidence.detector, evidence.threshold, evidence.min_history)
    before = detector.unpack(evidence.state)
    verdict, _ = detector.judge(evidence.arrival, before)
    parts = detector.explain(evidence.arrival, before) if isinstance(detector, Adaptive) else None
    if evidence.new_above:
        verdict, parts = first_spend.exceed(verdict, evidence.new_above), None
    things = "days" if of_total else "entries"
    words = [verdict.reason(currency), *_words(evidence, verdict, parts, currency, of_total=of_total)]
    if drivers:
        named = ", ".join(f"{name} ({_money(money.units(micros), currency)})" for name, micros in drivers)
        words.append(f"It consists mostly of {named}.")
    by = f"the policy {evidence.policy!r}" if evidence.policy else "the settings"
    words.append(
        f"Judged by {evidence.detector} with a threshold of {evidence.threshold:g}, after at least"
        f" {evidence.min_history} {things}, according to {by} at that time."
    )
    return Explained(verdict, parts, tuple(words))


def _words(
    evidence: Evidence, verdict: Verdict, parts: Explanation | None, currency: str, *, of_total: bool
) -> Iterator[str]:
    things = "days" if of_total else "entries"
    if parts is not None and verdict.cause is not Cause.FIRST_COST:
        yield from _usual(parts, evidence.arrival.timestamp, currency, of_total=of_total)
        yield (
            f"{things.capitalize()} are usually within {parts.spread:.0%} of the expected; this one is {parts.z:,.1f}"
            f" times that off. {'Here' if of_total else 'In this series'} {parts.limit:,.1f} times that is as rare as 3"
            " standard deviations in normal noise."
        )
        if verdict.amount > NEW_HIGH * parts.largest * money.SCALE > 0:
            times = money.units(verdict.amount) / parts.largest
            yield f"It is {times:,.1f} times the largest amount before, {_money(parts.largest, currency)}."
    elif parts is None and not evidence.new_above:
        mean, stddev = (_money(figure, currency) for figure in (verdict.mean, verdict.stddev))
        yield f"The mean of the {verdict.n} newest {things} is {mean}, their standard deviation {stddev}."


def _usual(parts: Explanation, timestamp: int, currency: str, *, of_total: bool) -> Iterator[str]:
    """Explain the expected amount and its parts."""
    seasonal = parts.season != "none" and abs(parts.season_factor - 1.0) >= NOTABLE
    share = f"; {_times(parts.season, timestamp)} it is {parts.season_factor - 1.0:+.0%}" if seasonal else ""
    yield f"The usual amount {'of a day' if of_total else 'in this series'} is {_money(parts.level, currency)}{share}."
    if parts.due:
        yield f"On this day of the month {_money(parts.due, currency)} more was expected, as a month ago."
    if parts.credited:
        yield f"{_money(parts.credited, currency)} that was missing from earlier entries may have arrived late."


def _times(season: str, timestamp: int) -> str:
    """Describe the times of a season that include `timestamp`."""
    weekday, hour = moment(timestamp).weekday, timestamp // HOUR_MS % HOURS
    if season == "weekday":
        return f"on {WEEKDAYS[weekday]}"
    days = "weekends" if weekday >= SATURDAY else "working days"
    return f"on {days}" if season == "weekend" else f"at {hour:02}:00 UTC on {days}"


def _money(amount: float | None, currency: str) -> str:
    return f"{amount or 0.0:,.2f} {currency}"
