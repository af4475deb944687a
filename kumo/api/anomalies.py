"""Endpoints of anomalies."""

from collections.abc import Sequence

from kumo.api import paging
from kumo.api.access import key_name
from kumo.api.blueprint import Blueprint, identify, services
from kumo.api.response_cache import cache_response
from kumo.api.schemas import cursors
from kumo.api.schemas.anomalies import AnomaliesQuery, AnomalySchema, FeedbackBody
from kumo.api.schemas.explanations import ExplanationSchema
from kumo.domain.feedback import Word
from kumo.engine.detection import feedback
from kumo.engine.queries import explanation, lookup
from kumo.engine.queries.explanation import ExplainedAnomaly
from kumo.engine.queries.views import AnomalyState, Query

blp = Blueprint("anomalies", __name__, url_prefix="/anomalies", description="Episodes of unusual costs.")


@blp.route("/")
@cache_response
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
    """List anomalies, newest first."""
    return paging.answer(lookup.list_anomalies(services(), wanted), cursors.ANOMALIES)


@blp.route("/<string:anomaly_id>", parameters=identify("anomaly_id", AnomalySchema))
@blp.response(200, AnomalySchema, description="The anomaly.", example=AnomalySchema.example())
@blp.refuses(404)
@blp.doc(operationId="getAnomaly")
def anomaly(anomaly_id: str) -> AnomalyState:
    """Show one anomaly."""
    return lookup.find_anomaly(services(), anomaly_id)


@blp.route("/<string:anomaly_id>/explain", parameters=identify("anomaly_id", AnomalySchema))
@blp.response(200, ExplanationSchema, description="Why it was opened.", example=ExplanationSchema.example())
@blp.refuses(404, 409)
@blp.doc(operationId="explainAnomaly")
def explain(anomaly_id: str) -> ExplainedAnomaly:
    """Explain why an anomaly was opened, in words and numbers.

    The verdict on an entry is computed again from the stored evidence; that on a total is explained as it is now.
    """
    return explanation.explain(services(), anomaly_id)


@blp.route("/<string:anomaly_id>/feedback", methods=["POST"], parameters=identify("anomaly_id", AnomalySchema))
@blp.arguments(FeedbackBody(), example=FeedbackBody.example())
@blp.response(200, AnomalySchema, description="The anomaly.", example=AnomalySchema.example())
@blp.refuses(400, 404, 408, 409, 413, 415, 422)
@blp.doc(operationId="giveFeedback")
def give(said: tuple[Word, str], anomaly_id: str) -> AnomalyState:
    """Give feedback on an anomaly.

    After `planned` or `false_positive`, similar costs score lower. New feedback replaces the earlier one.
    """
    return feedback.give(services(), anomaly_id, *said, key_name())


@blp.route("/<string:anomaly_id>/feedback", methods=["DELETE"], parameters=identify("anomaly_id", AnomalySchema))
@blp.response(200, AnomalySchema, description="The anomaly.", example=AnomalySchema.example())
@blp.refuses(404, 409)
@blp.doc(operationId="takeBackFeedback")
def take_back(anomaly_id: str) -> AnomalyState:
    """Take the feedback on an anomaly back.

    From then on its series is judged as if the feedback had not been given. Without feedback nothing changes.
    """
    return feedback.take_back(services(), anomaly_id)
