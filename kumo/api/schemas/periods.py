"""The schema of a period, the total that a cost shows, and the query for the periods of a series."""

from typing import Any, Final

from marshmallow import fields, post_load

from kumo.api.schemas import cursors
from kumo.api.schemas.fields import AnswerSchema, Parsed, choice, declare, units
from kumo.api.schemas.listing import ForwardRange, Pages, build_query, cursor, order
from kumo.domain import money
from kumo.domain.totals.folding import Direction
from kumo.domain.totals.periods import Grain
from kumo.engine.queries.views import Cost, PeriodState, PeriodStatus, Query

_PERIOD: Final = ("The day, or the start of the hour (UTC).", "2026-01-31")
STATUS: Final = (
    "running: not complete, and within what the whole period may come to; pending: it has changed and waits for the"
    " judge; unjudged: only summed; excluded: all of it is no usage, such as tax."
)
STATUSES: Final = [*map(str, PeriodStatus)]
_USUAL: Final = "What was expected of the period; null while learning, and if it has no verdict."
_LIMIT: Final = "The largest total that is no anomaly; null if any is none."
_SCORE: Final = "The figure that the detector compares with the threshold; null if it is not known."


def _verdict(name: str) -> Any:  # noqa: ANN401 - a function of the row
    return lambda state: getattr(state.verdict, name, None)


def _amount(name: str) -> Any:  # noqa: ANN401 - a function of the row
    return lambda state: units(getattr(state.verdict, name, None))


def _quantity(state: PeriodState) -> float | None:
    return None if state.total.unit_code is None else units(state.total.quantity)


class PeriodSchema(AnswerSchema):
    """The total of a day or an hour, with its verdict."""

    period = declare("period.text", *_PERIOD)
    grain = declare("period.grain", "day or hour.", "day", enum=[*map(str, Grain)])
    entries = declare("total.entries", "Number of entries.", 24)
    total = declare(lambda state: units(state.total.micros), "Units of the currency.", 1204.75)
    total_exact = declare(lambda state: money.exact(state.total.micros), "The same, exactly.", "1204.75")
    excluded = declare(
        lambda state: units(state.excluded.micros), "The part of it that is no usage, such as tax: not judged.", 0.0
    )
    quantity = declare(_quantity, "The used quantity, if all entries have one of the same unit.", 744.0, null=True)
    usual = declare(_amount("usual"), _USUAL, 1180.5, null=True)
    limit = declare(_amount("limit"), _LIMIT, 1391.25, null=True)
    score = declare(_verdict("score"), _SCORE, 0.35, null=True)
    status = declare("status", STATUS, "normal", enum=STATUSES)
    direction = declare(
        _verdict("direction"),
        "The side of the usual amount; null if the total is equal to it, or running and below it.",
        "above",
        null=True,
        enum=[*map(str, Direction), None],
    )


def _show_total(cost: Cost) -> dict[str, object] | None:
    state = cost.total
    if state is None:
        return None
    verdict = state.verdict
    return {
        "period": state.period.text,
        "amount": units(state.total.micros),
        "usual": units(verdict.usual) if verdict else None,
        "limit": units(verdict.limit) if verdict else None,
        "score": verdict.score if verdict else None,
        "status": state.status,
    }


_TOTAL: Final[dict[str, Any]] = {
    "properties": {
        "period": {"type": "string", "format": "date"},
        "amount": {"type": "number"},
        "usual": {"type": ["number", "null"]},
        "limit": {"type": ["number", "null"]},
        "score": {"type": ["number", "null"]},
        "status": {"type": "string", "enum": STATUSES},
    },
    "required": ["period", "amount", "usual", "limit", "score", "status"],
}
_TOTAL_EXAMPLE: Final = {
    "period": "2026-01-31",
    "amount": 500.5,
    "usual": 50.25,
    "limit": 131.5,
    "score": 16.98,
    "status": "anomaly",
}


def declare_total() -> fields.Function:
    """Declare the total that a cost shows."""
    about = (
        "The total of its series on its day, with its verdict; null in the answer to a cost that waits for the judge."
    )
    return declare(_show_total, about, _TOTAL_EXAMPLE, null=True, **_TOTAL)


class PeriodsQuery(Pages, ForwardRange):
    """The parameters of GET /series/{id}/periods; times are those at which periods begin."""

    grain = Parsed(
        choice(*Grain),
        "day, or hour: at most those of 35 days, judged if the series comes hourly.",
        enum=[*map(str, Grain)],
        default="day",
    )
    order = order("desc", "By time: newest first, or oldest first.")
    after = cursor(cursors.PERIODS)

    @post_load
    def query(self, values: dict[str, Any], **_: object) -> tuple[Grain, Query]:
        """Build the engine's query, beside the length of the periods."""
        grain = Grain(values.pop("grain", Grain.DAY))
        return grain, build_query(values)
