"""Reading anomalies."""

from collections.abc import Sequence

from kumo.api import paging, services
from kumo.api.blueprint import Blueprint, identified
from kumo.api.kept import kept
from kumo.engine import query
from kumo.engine.views import AnomalyState, Query
from kumo.schemas.anomalies import AnomaliesQuery, AnomalySchema

blp = Blueprint("anomalies", __name__, url_prefix="/anomalies", description="Episodes of unusual costs.")


@blp.route("/")
@kept
@blp.arguments(AnomaliesQuery, location="query")
@blp.response(
    200,
    AnomalySchema(many=True),
    description="A page of anomalies.",
    example=[AnomalySchema.example()],
    headers=paging.LINK,
)
@blp.refuses(422)
@blp.doc(operationId="listAnomalies")
def anomalies(wanted: Query) -> tuple[Sequence[AnomalyState], dict[str, str]]:
    """List anomalies, the one that began last first."""
    return paging.answer(query.anomalies(services(), wanted))


@blp.route("/<string:anomaly_id>", parameters=identified("anomaly_id", AnomalySchema))
@blp.response(200, AnomalySchema, description="The anomaly.", example=AnomalySchema.example())
@blp.refuses(404)
@blp.doc(operationId="getAnomaly")
def anomaly(anomaly_id: str) -> AnomalyState:
    """Show one anomaly."""
    return query.anomaly(services(), anomaly_id)
