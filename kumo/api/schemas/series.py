"""The schema of a series, and the query for series."""

from kumo.api.schemas import cursors
from kumo.api.schemas.fields import ACCOUNT, CURRENCY, PROVIDER, REGION, SERVICE, declare, moment
from kumo.api.schemas.listing import Listing, cursor, order
from kumo.api.schemas.newest_day import NewestDaySchema
from kumo.domain import money
from kumo.engine.queries.views import SeriesState


def _mean(state: SeriesState) -> float | None:
    return state.moments.mean if state.moments.n else None


def _stddev(state: SeriesState) -> float | None:
    return state.moments.stddev if state.moments.n > 1 else None


class SeriesSchema(NewestDaySchema):
    """A series, its current window, and its newest day."""

    id = declare("id", "The series' id.", "5woeftbt6mygcc7u")
    provider = declare("series.provider", *PROVIDER)
    account = declare("series.account", *ACCOUNT)
    region = declare("series.region", *REGION)
    service = declare("series.service", *SERVICE)
    currency = declare("series.currency", *CURRENCY)
    charge_category = declare(
        lambda state: state.series.charge_category or None,
        "The charge category if it is not usage; such a series is never judged.",
        "tax",
        null=True,
    )
    n = declare("moments.n", "Entries in the window.", 20)
    mean = declare(_mean, "Their mean.", 50.25, null=True)
    stddev = declare(_stddev, "Their sample standard deviation.", 26.52, null=True)
    sum = declare(lambda state: money.exact(state.moments.total), "Their sum, exactly.", "1005.000001")
    sum_of_squares = declare(
        lambda state: money.exact_square(state.moments.squares),
        "The sum of their squares, exactly.",
        "63864.430000000001",
    )
    first_at = moment("first_at", "The timestamp of the oldest entry.", null=True)
    last_at = moment("last_at", "The timestamp of the newest entry.", null=True)


class SeriesQuery(Listing):
    """The parameters of GET /series/."""

    order = order("asc", "By id.")
    after = cursor(cursors.SERIES)
