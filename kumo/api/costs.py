"""Endpoints of costs: a list, one cost, and totals by day."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from kumo.api import paging
from kumo.api.blueprint import Blueprint, identify, services
from kumo.api.response_cache import cache_response
from kumo.api.schemas import cursors
from kumo.api.schemas.costs import CostSchema, CostsQuery, DailyTotalSchema, Span, SummaryQuery
from kumo.domain.names import compare_name
from kumo.engine.queries import daily_sums, lookup
from kumo.engine.queries.largest import largest
from kumo.engine.queries.views import Cost, DailyTotal, Query
from kumo.errors import FieldError, InvalidQueryError

blp = Blueprint("costs", __name__, url_prefix="/costs", description="Costs and their verdicts.")

MAX_DAYS: Final = 3_660
DEFAULT_DAYS: Final = 30


@blp.route("/")
@cache_response
@blp.arguments(CostsQuery, location="query")
@blp.response(
    200,
    CostSchema(many=True),
    description="A page of costs.",
    example=[CostSchema.example()],
    headers=paging.LINK,
)
@blp.refuses(422)
@blp.doc(operationId="listCosts")
def costs(wanted: Query) -> tuple[Sequence[Cost], dict[str, str]]:
    """List costs with their verdicts, newest first."""
    return paging.answer(lookup.list_costs(services(), wanted), cursors.COSTS)


@blp.route("/summary")
@cache_response
@blp.arguments(SummaryQuery, location="query")
@blp.response(
    200,
    DailyTotalSchema(many=True),
    description="The totals, by date, key and currency.",
    example=[DailyTotalSchema.example()],
)
@blp.refuses(422)
@blp.doc(operationId="summarizeCosts")
def summary(span: Span) -> list[DailyTotal]:
    """Sum costs by day.

    A day without costs has no row. At most 3,660 days at once.
    """
    last = span.last or lookup.today(services())
    first = span.first or last - timedelta(days=DEFAULT_DAYS - 1)
    if (last - first).days >= MAX_DAYS:
        raise InvalidQueryError([FieldError("from", f"must be less than {MAX_DAYS} days before to")])
    _refuse_unknown_tag(span.by)
    totals = daily_sums.sum_days(services(), span.by, span.series, first, last, span.tags)
    return totals if span.top is None else largest(totals, span.top)


def _refuse_unknown_tag(by: str) -> None:
    """Refuse a tag that imported costs are not split by: all of them would count as without it."""
    keys = services().settings.tag_keys
    if by.startswith(daily_sums.TAG) and compare_name(by.removeprefix(daily_sums.TAG)) not in map(compare_name, keys):
        raise InvalidQueryError([FieldError("by", f"must name a tag of KUMO_TAG_KEYS: {', '.join(keys) or 'none'}")])


@blp.route("/<string:cost_id>", parameters=identify("cost_id", CostSchema))
@blp.response(200, CostSchema, description="The cost.", example=CostSchema.example())
@blp.refuses(404)
@blp.doc(operationId="getCost")
def cost(cost_id: str) -> Cost:
    """Show one cost with its whole verdict."""
    return lookup.find_cost(services(), cost_id)
