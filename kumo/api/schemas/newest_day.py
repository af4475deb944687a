"""What lists say of the newest day of a series or group."""

from collections.abc import Callable

from kumo.api.schemas.fields import AnswerSchema, declare, units
from kumo.api.schemas.periods import STATUS, STATUSES
from kumo.domain import money
from kumo.engine.queries.views import GroupState, PeriodState, PeriodStatus, SeriesState

State = GroupState | SeriesState


def _newest(show: Callable[[PeriodState], object]) -> Callable[[State], object]:
    return lambda state: None if state.newest is None else show(state.newest)


def _status(state: State) -> PeriodStatus:
    return state.newest.status if state.newest else PeriodStatus.UNJUDGED


class NewestDaySchema(AnswerSchema):
    """Base of the schemas of a series and of a group."""

    last_period = declare(
        _newest(lambda day: day.period.text), "Its newest day with costs (UTC).", "2026-01-31", null=True, format="date"
    )
    usual = declare(
        _newest(lambda day: units(day.verdict.usual if day.verdict else None)),
        "What was expected of that day; null while learning, and if it has no verdict.",
        1180.5,
        null=True,
    )
    total = declare(_newest(lambda day: units(day.total.micros)), "The total of that day.", 1204.75, null=True)
    total_exact = declare(
        _newest(lambda day: money.exact(day.total.micros)), "The same, exactly.", "1204.75", null=True
    )
    status = declare(_status, f"The status of that day. {STATUS}", "normal", enum=STATUSES)
