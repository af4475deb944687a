"""The schemas of an anomaly, its feedback and its explanation, and the query for anomalies."""

from collections.abc import Callable
from typing import Any, Final

from marshmallow import post_load

from kumo.api.schemas import cursors
from kumo.api.schemas.fields import (
    ACCOUNT,
    CAUSE,
    CAUSES,
    CURRENCY,
    PROVIDER,
    REGION,
    SERVICE,
    AnswerSchema,
    Exampled,
    Parsed,
    choice,
    declare,
    moment,
    rfc3339,
    units,
)
from kumo.api.schemas.impacts import FALL, FIRST_PERIOD, GROUP_ID, IMPACT, LAST_PERIOD, NOT_SENT, SCOPE, TITLE
from kumo.api.schemas.listing import TimedListing, cursor, one_of, order
from kumo.domain import money
from kumo.domain.anomalies import AnomalyStatus, find_first_period
from kumo.domain.entries import DAY_MS, parse_text
from kumo.domain.feedback import MAX_COMMENT, Word
from kumo.domain.subjects import describe_scope, read_scope
from kumo.domain.totals.periods import Grain, number_period
from kumo.domain.worth import NotSent
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


def _show_name(name: str) -> Callable[[AnomalyState], str | None]:
    """Show a name of the series; of a group, null if the group does not fix it."""
    return lambda state: read_scope(state.subject).get(name)


def _show_day(number: int | None) -> str | None:
    return None if number is None else number_period(number, Grain.DAY).text


def _first_seen(state: AnomalyState) -> int:
    anomaly = state.anomaly
    day = anomaly.first_period if anomaly.periods else None
    return anomaly.first_seen if day is None else min(anomaly.first_seen, day * DAY_MS)


def _last_seen(state: AnomalyState) -> int:
    anomaly = state.anomaly
    day = anomaly.last_period if anomaly.periods else None
    return anomaly.last_seen if day is None else max(anomaly.last_seen, day * DAY_MS)


class AnomalySchema(AnswerSchema):
    """An episode of one series or group."""

    id = declare("anomaly.id", "The anomaly's id.", "5woeftbt6mygcc7u-0000000015")
    series = declare(
        lambda state: None if state.anomaly.group else state.anomaly.series_id,
        "The id of its series; null if it is of a group.",
        "5woeftbt6mygcc7u",
        null=True,
    )
    group_id = declare(lambda state: state.anomaly.series_id if state.anomaly.group else None, *GROUP_ID, null=True)
    title = declare(lambda state: describe_scope(read_scope(state.subject), state.subject.currency), *TITLE)
    scope = declare(lambda state: read_scope(state.subject), *SCOPE, additionalProperties={"type": "string"})
    service, provider, account, region = (
        declare(_show_name(name), *about, null=True)
        for name, about in (("service", SERVICE), ("provider", PROVIDER), ("account", ACCOUNT), ("region", REGION))
    )
    currency = declare("subject.currency", *CURRENCY)
    status = declare(
        "anomaly.status",
        "closed after enough calm entries or days; withdrawn if a restatement removed it, or if it became a part of"
        " another one.",
        "open",
        enum=[*map(str, AnomalyStatus)],
    )
    cause = declare("anomaly.cause", *CAUSE, enum=CAUSES)
    opened_by = declare(
        lambda state: None if find_first_period(state.anomaly.opened_by) is not None else state.anomaly.opened_by,
        "The entry that opened it; null if it was the total of a day.",
        "5woeftbt6mygcc7u-0000000015",
        null=True,
    )
    opened_at = moment("anomaly.opened_at", "The time of the entry or day that opened it, which orders the list.")
    first_seen = moment(_first_seen, "The time of its first entry or day.")
    last_seen = moment(_last_seen, "The time of its last entry or day.")
    entries = declare("anomaly.entries", "Number of its anomalous entries.", 1)
    periods = declare("anomaly.periods", "Number of its days with an anomalous total.", 1)
    first_period = declare(lambda state: _show_day(state.anomaly.first_period), *FIRST_PERIOD, null=True, format="date")
    last_period = declare(lambda state: _show_day(state.anomaly.last_period), *LAST_PERIOD, null=True, format="date")
    peak_z = declare(
        "anomaly.peak_z", "The highest z of its entries; without entries, the highest score of its days.", 16.98
    )
    impact = declare(lambda state: units(state.anomaly.impact), *IMPACT)
    impact_exact = declare(lambda state: money.exact(state.anomaly.impact), "The same, exactly.", "450.25")
    alerts = declare("anomaly.alerts", "Alerts raised about it.", 1)
    not_sent = declare("anomaly.not_sent", *NOT_SENT, null=True, enum=[*map(str, NotSent), None])
    part_of = declare(
        lambda state: state.anomaly.part_of or None,
        "The anomaly that it became a part of.",
        "5woeftbt6mygcc7u-8000004e20",
        null=True,
    )
    offset_by = declare(
        lambda state: [{"series": name, "amount": units(fall)} for name, fall in state.anomaly.offset_by],
        "Series of the same service that fell, by how much.",
        [{"series": "7v5xououvxa6n2ru", "amount": 420.0}],
        items=FALL,
    )
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
