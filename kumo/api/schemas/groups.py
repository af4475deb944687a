"""The schemas of groups, and the queries for them."""

from collections.abc import Callable
from typing import Any, Final

from marshmallow import post_load, validate

from kumo.api.schemas import cursors
from kumo.api.schemas.fields import CURRENCY, Parsed, declare
from kumo.api.schemas.listing import MAX_LIMIT, ForwardRange, Listing, TaggedQuestion, Whole, build_query, cursor, order
from kumo.api.schemas.newest_day import NewestDaySchema
from kumo.api.schemas.periods import PeriodSchema
from kumo.domain.groups import ACCOUNT_SERVICE, DIMENSIONS
from kumo.engine.queries.views import GroupState, Query

_OF_PAIR: Final = f"Of a group of {ACCOUNT_SERVICE}: this part of the value; else null."
_NAMES: Final = f"{', '.join(DIMENSIONS)}, or tag:KEY for a key of KUMO_TAG_KEYS"


def _part(name: str) -> Callable[[GroupState], str | None]:
    def show(state: GroupState) -> str | None:
        if state.group.dimension != ACCOUNT_SERVICE:
            return None
        return dict(zip(ACCOUNT_SERVICE.split(","), state.group.value, strict=True))[name]

    return show


class GroupSchema(NewestDaySchema):
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
    top = Whole(
        validate=validate.Range(1, MAX_LIMIT, error="must be from {min} to {max}"),
        metadata={
            "description": "Only so many groups, those with the largest spend of the newest week of their currency,"
            " largest first and on one page. Costs of the last moments may not count yet."
        },
    )

    dimension.required = True
    dimension.error_messages["required"] = f"is needed: {_NAMES}"

    @post_load
    def query(self, values: dict[str, Any], **_: object) -> tuple[str, int | None, Query]:
        """Build the engine's query, beside the dimension as it was sent, and the number of the largest."""
        return values.pop("dimension"), values.pop("top", None), build_query(values)


class GroupQuery(ForwardRange):
    """The parameters of GET /groups/{id}."""

    @post_load
    def query(self, values: dict[str, Any], **_: object) -> Query:
        """Build the engine's query."""
        return Query(**values)
