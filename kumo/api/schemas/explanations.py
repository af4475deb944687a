"""The schema of the explanation of an anomaly."""

from collections.abc import Callable
from typing import Any

from kumo.api.schemas.fields import CAUSE, CAUSES, CURRENCY, DRIVER, AnswerSchema, declare, drivers, moment, units
from kumo.api.schemas.impacts import GROUP_ID, SCOPE, TITLE
from kumo.domain.entries import DAY_MS
from kumo.domain.subjects import describe_scope, read_scope
from kumo.domain.totals.periods import Grain, number_period
from kumo.engine.queries.explanation import ExplainedAnomaly

Row = ExplainedAnomaly


def _part(name: str) -> Callable[[Row], Any]:
    return lambda row: getattr(row.explained.parts, name, None) if row.explained else None


def _of_verdict(of_entry: Callable[[Any], Any], of_total: Callable[[Any], Any] | None = None) -> Callable[[Row], Any]:
    """Show a figure of the verdict on the entry that opened the anomaly, or on the total; null if it is not known."""

    def show(row: Row) -> Any:  # noqa: ANN401 - any figure
        if row.is_of_total:
            return of_total(row.period) if of_total and row.period else None
        return of_entry(row.explained.verdict) if row.explained else None

    return show


def _of_evidence(show: Callable[[Any], Any]) -> Callable[[Row], Any]:
    return lambda row: show(row.evidence) if row.evidence else None


def _timestamp(row: Row) -> int:
    if row.is_of_total and row.period:
        return row.period.number * DAY_MS
    return row.evidence.arrival.timestamp if row.evidence else row.state.anomaly.opened_at


class ExplanationSchema(AnswerSchema):
    """The explanation of an anomaly, by the entry or the day that opened it."""

    id = declare("state.anomaly.id", "The anomaly's id.", "5woeftbt6mygcc7u-0000000015")
    series = declare(
        lambda row: None if row.state.anomaly.group else row.state.anomaly.series_id,
        "The id of its series; null if it is of a group.",
        "5woeftbt6mygcc7u",
        null=True,
    )
    group_id = declare(
        lambda row: row.state.anomaly.series_id if row.state.anomaly.group else None, *GROUP_ID, null=True
    )
    title = declare(lambda row: describe_scope(read_scope(row.state.subject), row.state.subject.currency), *TITLE)
    scope = declare(lambda row: read_scope(row.state.subject), *SCOPE, additionalProperties={"type": "string"})
    entry = declare(
        lambda row: None if row.is_of_total else row.state.anomaly.opened_by,
        "The entry that opened it; null if it was the total of a day.",
        "5woeftbt6mygcc7u-0000000015",
        null=True,
    )
    period = declare(
        lambda row: number_period(row.period.number, Grain.DAY).text if row.period else None,
        "Its first day with an anomalous total; null if there is none.",
        "2026-01-31",
        null=True,
        format="date",
    )
    currency = declare("state.subject.currency", *CURRENCY)
    timestamp = moment(_timestamp, "The time of the cost, or the start of the day.")
    words = declare(
        lambda row: list(row.words),
        "The verdict in sentences: usual level, season, spread, rarity, contributors, configuration; of totals also all"
        " anomalous days, and why an alert was sent or not.",
        ["500.50 USD is 450.25 USD (+896.0 %) above the mean of 50.25 USD over 20 entries: …"],
        items={"type": "string"},
    )
    amount = declare(
        lambda row: units(
            row.period.micros if row.is_of_total and row.period else row.evidence and row.evidence.arrival.amount
        ),
        "The judged amount.",
        500.5,
        null=True,
    )
    expected = declare(
        _of_verdict(lambda verdict: verdict.mean, lambda period: units(period.usual)),
        "The expected amount.",
        50.25,
        null=True,
    )
    spread = declare(_of_verdict(lambda verdict: verdict.stddev), "The spread around it.", 26.52, null=True)
    impact = declare(
        _of_verdict(lambda verdict: units(verdict.impact), lambda period: units(period.excess)),
        "amount − expected.",
        450.25,
        null=True,
    )
    z = declare(
        _of_verdict(lambda verdict: verdict.z),
        "Deviation from the window's mean, in standard deviations; null for totals.",
        16.98,
        null=True,
    )
    score = declare(
        _of_verdict(lambda verdict: verdict.score, lambda period: period.score),
        "The figure that is compared with the threshold.",
        16.98,
        null=True,
    )
    threshold = declare(
        _of_verdict(lambda verdict: verdict.threshold, lambda period: period.threshold),
        "A score above this is an anomaly.",
        3.0,
    )
    highest_normal = declare(
        lambda row: units(row.period.limit) if row.period else None,
        "The largest total of that day that is no anomaly; null if no total was anomalous.",
        150.0,
        null=True,
    )
    cause = declare("state.anomaly.cause", *CAUSE, enum=CAUSES)
    n = declare(_of_verdict(lambda verdict: verdict.n), "Entries in the window; null for totals.", 20, null=True)
    detector = declare(
        lambda row: row.period.detector if row.is_of_total and row.period else row.evidence and row.evidence.detector,
        "The detector that judged it.",
        "adaptive",
    )
    policy = declare(
        _of_evidence(lambda evidence: evidence.policy or None),
        "The policy that chose the detector.",
        "prod",
        null=True,
    )
    min_history = declare(
        _of_evidence(lambda evidence: evidence.min_history),
        "Entries, or days, needed before the first verdict; null if it is not stored.",
        10,
        null=True,
    )
    level = declare(_part("level"), "adaptive: the usual amount without the season.", 48.2, null=True)
    season = declare(
        _part("season"),
        "adaptive: the season used: none, weekday, weekend, or hour (separate for weekends).",
        "weekday",
        null=True,
    )
    season_factor = declare(_part("season_factor"), "adaptive: the factor of the season.", 1.04, null=True)
    due = declare(_part("due"), "adaptive: the additional cost expected on this day of the month.", 0.0, null=True)
    credited = declare(_part("credited"), "adaptive: missing earlier cost that may have arrived late.", 0.0, null=True)
    limit = declare(
        _part("limit"), "adaptive: number of spreads above the expected amount that gives a score of 3.", 3.4, null=True
    )
    contributors = declare(
        lambda row: drivers(row.drivers), "Its contributors, if it was imported.", [DRIVER], items={"type": "object"}
    )
