"""Endpoints of groups."""

from collections.abc import Sequence

from kumo.api import paging
from kumo.api.blueprint import Blueprint, identify, services
from kumo.api.response_cache import cache_response
from kumo.api.schemas import cursors
from kumo.api.schemas.groups import GroupDetailSchema, GroupQuery, GroupSchema, GroupsQuery
from kumo.domain.groups import parse_dimension
from kumo.engine.queries.groups import find_group, list_groups, list_largest
from kumo.engine.queries.views import GroupState, Query
from kumo.errors import FieldError, InvalidQueryError

blp = Blueprint("groups", __name__, url_prefix="/groups", description="Costs that share an account, a service, …")


@blp.route("/")
@cache_response
@blp.arguments(GroupsQuery, location="query")
@blp.response(
    200,
    GroupSchema(many=True),
    description="A page of groups.",
    example=[GroupSchema.example()],
    headers=paging.LINK,
)
@blp.refuses(422)
@blp.doc(operationId="listGroups")
def groups(asked: tuple[str, int | None, Query]) -> tuple[Sequence[GroupState], dict[str, str]]:
    """List the groups of a dimension with their newest day, by id, or with `top` by size.

    A filter must be a part of the dimension: `account` for `account` and for `account,service`.
    """
    name, top, query = asked
    try:
        dimension = parse_dimension(name, services().settings.tag_keys)
    except ValueError as error:
        raise InvalidQueryError([FieldError("dimension", str(error))]) from None
    if top is not None:
        return list_largest(services(), dimension, query, top), {}
    return paging.answer(list_groups(services(), dimension, query), cursors.GROUPS)


@blp.route("/<string:group_id>", parameters=identify("group_id", GroupSchema))
@cache_response
@blp.arguments(GroupQuery, location="query")
@blp.response(200, GroupDetailSchema, description="The group.", example=GroupDetailSchema.example())
@blp.refuses(404, 422)
@blp.doc(operationId="getGroup")
def group(query: Query, group_id: str) -> GroupState:
    """Show one group with its days.

    Without `from`: those of the year up to `to`, or up to its newest day.
    """
    return find_group(services(), group_id, query)
