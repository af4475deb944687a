"""The schemas of groups, and the queries for them."""

from collections.abc import Callable
from typing import Any, Final

from marshmallow import post_load

from kumo.api.schemas import cursors
from kumo.api.schemas.fields import CURRENCY, AnswerSchema, Parsed, declare, units
from kumo.api.schemas.listing import ForwardRange, Listing, TaggedQuestion, build_query, cursor, order
from kumo.api.schemas.periods import STATUS, STATUSES, PeriodSchema
from kumo.domain import money
from kumo.domain.groups import ACCOUNT_SERVICE, DIMENSIONS
from kumo.engine.queries.views import GroupState, PeriodState, PeriodStatus, Query

_OF_PAIR: Final = f"Of a group of {ACCOUNT_SERVICE}: this part of the value; else null."
_NAMES: Final = f"{', '.join(DIMENSIONS)}, or tag:KEY for a key of KUMO_TAG_KEYS"


def _part(name: str) -> Callable[[GroupState], str | None]:
    def show(state: GroupState) -> str | None:
        if state.group.dimension != ACCOUNT_SERVICE:
            return None
        return dict(zip(ACCOUNT_SERVICE.split(","), state.group.value, strict=True))[name]

    return show


def _newest(show: Callable[[PeriodState], object]) -> Callable[[GroupState], object]:
    return lambda state: None if state.newest is None else show(state.newest)


def _status(state: GroupState) -> PeriodStatus:
    return state.newest.status if state.newest else PeriodStatus.UNJUDGED


class GroupSchema(AnswerSchema):
    """All costs of one currency that share a value of a dimension, with its newest day."""

    id = declare("id", "The group's id.", "qk3tq5z2n4dhnvyo")
    dimension = declare("group.dimension", "What its costs share.", "account")
    value = declare(
        lambda state: ",".join(state.group.value),
        "The account, service, …; empty for all, and for costs without a value.",
        "production",
    )
    account = declare(_part("account"), _OF_PAIR, "production", null=True)
    service = declare(_part("service"), _OF_PAIR, "AWS EC2", null=True)
    currency = declare("group.currency", *CURRENCY)
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


class GroupDetailSchema(GroupSchema):
    """A group with its days."""

    periods = declare(
        lambda state: PeriodSchema(many=True).dump(state.periods),
        "Its days with costs, oldest first.",
        [PeriodSchema.example()],
        items={"$ref": "#/components/schemas/Period"},
    )


class GroupsQuery(Listing, TaggedQuestion):
    """The parameters of GET /groups/."""

    dimension = Parsed(
        str,
        f"Groups by what: {_NAMES}.",
        anyOf=[{"enum": list(DIMENSIONS)}, {"format": "by-tag", "examples": ["tag:team"]}],
    )
    order = order("asc", "By id.")
    after = cursor(cursors.GROUPS)

    dimension.required = True
    dimension.error_messages["required"] = f"is needed: {_NAMES}"

    @post_load
    def query(self, values: dict[str, Any], **_: object) -> tuple[str, Query]:
        """Build the engine's query, beside the dimension as it was sent."""
        return values.pop("dimension"), build_query(values)


class GroupQuery(ForwardRange):
    """The parameters of GET /groups/{id}."""

    @post_load
    def query(self, values: dict[str, Any], **_: object) -> Query:
        """Build the engine's query."""
        return Query(**values)
