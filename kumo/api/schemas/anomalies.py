"""The schemas of an anomaly, its feedback and its explanation, and the query for anomalies."""

from typing import Any, Final

from marshmallow import post_load

from kumo.api.schemas import cursors
from kumo.api.schemas.fields import (
    ACCOUNT,
    CAUSE,
    CAUSES,
    CURRENCY,
    DRIVER,
    PROVIDER,
    REGION,
    SERVICE,
    AnswerSchema,
    Exampled,
    Parsed,
    choice,
    declare,
    drivers,
    moment,
    rfc3339,
    units,
)
from kumo.api.schemas.listing import TimedListing, cursor, one_of, order
from kumo.domain import money
from kumo.domain.anomalies import AnomalyStatus
from kumo.domain.entries import parse_text
from kumo.domain.feedback import MAX_COMMENT, Word
from kumo.engine.queries.views import AnomalyState

_WORDS: Final = tuple(map(str, Word))
_FEEDBACK: Final = {
    "verdict": "planned",
    "comment": "Load test of the shop.",
    "by": "finops",
    "given_at": "2026-01-31T09:00:00.000Z",
}


def _feedback(state: AnomalyState) -> dict[str, object] | None:
    said = state.feedback
    if said is None:
        return None
    return {"verdict": said.word, "comment": said.comment, "by": said.by, "given_at": rfc3339(said.given_at)}


class AnomalySchema(AnswerSchema):
    """An episode of one series."""

    id = declare("anomaly.id", "The anomaly's id.", "5woeftbt6mygcc7u-0000000015")
    series = declare("anomaly.series_id", "The id of its series.", "5woeftbt6mygcc7u")
    service = declare("series.service", *SERVICE)
    provider = declare("series.provider", *PROVIDER)
    account = declare("series.account", *ACCOUNT)
    region = declare("series.region", *REGION)
    currency = declare("series.currency", *CURRENCY)
    status = declare(
        "anomaly.status",
        "closed after enough calm entries; withdrawn if a restatement removed it.",
        "open",
        enum=[*map(str, AnomalyStatus)],
    )
    cause = declare("anomaly.cause", *CAUSE, enum=CAUSES)
    opened_by = declare("anomaly.opened_by", "The entry that opened it.", "5woeftbt6mygcc7u-0000000015")
    opened_at = moment("anomaly.opened_at", "The timestamp of the entry that opened it, which orders the list.")
    first_seen = moment("anomaly.first_seen", "The timestamp of its first entry.")
    last_seen = moment("anomaly.last_seen", "The timestamp of its last entry.")
    entries = declare("anomaly.entries", "Number of its anomalous entries.", 1)
    peak_z = declare("anomaly.peak_z", "The highest z of its entries.", 16.98)
    total_impact = declare(lambda state: units(state.anomaly.total_impact), "The sum of their impacts.", 450.25)
    total_impact_exact = declare(lambda state: money.exact(state.anomaly.total_impact), "The same, exactly.", "450.25")
    alerts = declare("anomaly.alerts", "Alerts raised about it.", 1)
    feedback = declare(_feedback, "The last feedback on it.", _FEEDBACK, null=True)


class AnomaliesQuery(TimedListing):
    """The parameters of GET /anomalies/; times are those of the entries that opened them."""

    status = one_of(AnomalyStatus, "Only those of this status.")
    order = order("desc", "By opened_at, then by id: newest first, or oldest first.")
    after = cursor(cursors.ANOMALIES)


def _comment(value: object) -> str:
    return parse_text(value, MAX_COMMENT)


def _require(field: Parsed) -> Parsed:
    field.required = True
    return field


class FeedbackBody(Exampled):
    """The body of POST /anomalies/{id}/feedback."""

    error_messages = {"unknown": "is not a field of feedback"}  # noqa: RUF012 - as marshmallow declares it

    verdict = _require(
        Parsed(
            choice(*_WORDS),
            "After planned and false_positive, similar costs are expected.",
            examples=["planned"],
            enum=[*_WORDS],
        )
    )
    comment = Parsed(_comment, "Free text.", examples=["Load test of the shop."], maxLength=MAX_COMMENT)

    @post_load
    def build(self, values: dict[str, Any], **_: object) -> tuple[Word, str]:
        """Return the word and the comment."""
        return Word(values["verdict"]), values.get("comment", "")


def _part(name: str) -> Any:  # noqa: ANN401 - a function of the row
    return lambda row: getattr(row.explained.parts, name, None)


class ExplanationSchema(AnswerSchema):
    """The explanation of an anomaly."""

    id = declare("state.anomaly.id", "The anomaly's id.", "5woeftbt6mygcc7u-0000000015")
    series = declare("state.anomaly.series_id", "The id of its series.", "5woeftbt6mygcc7u")
    entry = declare("state.anomaly.opened_by", "The entry that opened it.", "5woeftbt6mygcc7u-0000000015")
    currency = declare("state.series.currency", *CURRENCY)
    timestamp = moment("evidence.arrival.timestamp", "The time of the cost.")
    words = declare(
        lambda row: list(row.explained.words),
        "The verdict in sentences: usual level, season, spread, rarity, contributors, configuration.",
        ["500.50 USD is 450.25 USD (+896.0 %) above the mean of 50.25 USD over 20 entries: …"],
        items={"type": "string"},
    )
    amount = declare(lambda row: units(row.evidence.arrival.amount), "The judged amount.", 500.5)
    expected = declare("explained.verdict.mean", "The expected amount.", 50.25, null=True)
    spread = declare("explained.verdict.stddev", "The spread around it.", 26.52, null=True)
    impact = declare(lambda row: units(row.explained.verdict.impact), "amount − expected.", 450.25, null=True)
    z = declare("explained.verdict.z", "Deviation from the window's mean, in standard deviations.", 16.98, null=True)
    score = declare("explained.verdict.score", "The figure that is compared with the threshold.", 16.98, null=True)
    threshold = declare("explained.verdict.threshold", "A score above this is an anomaly.", 3.0)
    cause = declare("explained.verdict.cause", *CAUSE, enum=CAUSES)
    n = declare("explained.verdict.n", "Entries in the window.", 20)
    detector = declare("evidence.detector", "The detector that judged it.", "adaptive")
    policy = declare(lambda row: row.evidence.policy or None, "The policy that chose the detector.", "prod", null=True)
    min_history = declare("evidence.min_history", "Entries needed before the first verdict.", 10)
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
