"""Endpoints of series."""

from collections.abc import Sequence

from kumo.api import paging
from kumo.api.blueprint import Blueprint, identify, services
from kumo.api.response_cache import cache_response
from kumo.api.schemas import cursors
from kumo.api.schemas.periods import PeriodSchema, PeriodsQuery
from kumo.api.schemas.series import SeriesQuery, SeriesSchema
from kumo.domain.totals.periods import Grain
from kumo.engine.queries import lookup, periods
from kumo.engine.queries.views import PeriodState, Query, SeriesState

blp = Blueprint("series", __name__, url_prefix="/series", description="Entries that can be compared.")


@blp.route("/")
@cache_response
@blp.arguments(SeriesQuery, location="query")
@blp.response(
    200,
    SeriesSchema(many=True),
    description="A page of series.",
    example=[SeriesSchema.example()],
    headers=paging.LINK,
)
@blp.refuses(422)
@blp.doc(operationId="listSeries")
def series(wanted: Query) -> tuple[Sequence[SeriesState], dict[str, str]]:
    """List series with their windows, by id."""
    return paging.answer(lookup.list_series(services(), wanted), cursors.SERIES)


@blp.route("/<string:series_id>", parameters=identify("series_id", SeriesSchema))
@blp.response(200, SeriesSchema, description="The series.", example=SeriesSchema.example())
@blp.refuses(404)
@blp.doc(operationId="getSeries")
def one_series(series_id: str) -> SeriesState:
    """Show one series, with the exact sum and sum of squares of its window."""
    return lookup.find_series(services(), series_id)


@blp.route("/<string:series_id>/periods", parameters=identify("series_id", SeriesSchema))
@cache_response
@blp.arguments(PeriodsQuery, location="query")
@blp.response(
    200,
    PeriodSchema(many=True),
    description="A page of periods.",
    example=[PeriodSchema.example()],
    headers=paging.LINK,
)
@blp.refuses(404, 422)
@blp.doc(operationId="listPeriods")
def list_periods(asked: tuple[Grain, Query], series_id: str) -> tuple[Sequence[PeriodState], dict[str, str]]:
    """List the totals of a series by day or by hour, newest first.

    Periods without costs are left out.
    """
    grain, query = asked
    return paging.answer(periods.list_periods(services(), series_id, grain, query), cursors.PERIODS)
