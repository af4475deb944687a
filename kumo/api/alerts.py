"""Endpoints of alerts, and the test message."""

from collections.abc import Sequence

from kumo.api import paging
from kumo.api.blueprint import Blueprint, identify, services
from kumo.api.schemas import cursors
from kumo.api.schemas.alerts import AlertSchema, AlertsQuery
from kumo.domain.alerts import Alert
from kumo.engine import delivery
from kumo.engine.queries import lookup
from kumo.engine.queries.views import Query

blp = Blueprint("alerts", __name__, url_prefix="/alerts", description="Alerts that were sent, or will be.")


@blp.route("/")
@blp.arguments(AlertsQuery, location="query")
@blp.response(
    200,
    AlertSchema(many=True),
    description="A page of alerts.",
    example=[AlertSchema.example()],
    headers=paging.LINK,
)
@blp.refuses(422)
@blp.doc(operationId="listAlerts")
def alerts(wanted: Query) -> tuple[Sequence[Alert], dict[str, str]]:
    """List alerts, newest first."""
    return paging.answer(lookup.list_alerts(services(), wanted), cursors.ALERTS)


# Ids are longer than "test", so no alert has this id.
@blp.route("/<string(minlength=20):alert_id>", parameters=identify("alert_id", AlertSchema))
@blp.response(200, AlertSchema, description="The alert.", example=AlertSchema.example())
@blp.refuses(404)
@blp.doc(operationId="getAlert")
def alert(alert_id: str) -> Alert:
    """Show one alert."""
    return lookup.find_alert(services(), alert_id)


@blp.route("/test", methods=["POST"])
@blp.response(
    202,
    AlertSchema,
    description="Raised; its Location shows the delivery.",
    example=AlertSchema.test_example(),
    headers={
        "Location": {
            "description": "The alert.",
            "schema": {"type": "string", "examples": ["/alerts/test-5f0c2d9a41b7e386-1"]},
        }
    },
)
@blp.refuses()
@blp.doc(operationId="testAlert")
def test() -> tuple[Alert, dict[str, str]]:
    """Send a test message in the same way as alerts.

    This also tries a destination again that was switched off.
    """
    raised = delivery.raise_test(services())
    return raised, {"Location": f"/alerts/{raised.id}"}
