"""Endpoints about the service itself: name, liveness, readiness."""

from http import HTTPStatus
from typing import Final

from flask import Response, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kumo.api.blueprint import Blueprint, peek_services
from kumo.api.problems import problem
from kumo.api.schemas.health import AliveSchema, ReadySchema, RootSchema
from kumo.engine.ops import health

RETRY_AFTER: Final = 5  # seconds; a person must correct an unsafe configuration

blp = Blueprint("health", __name__, description="The service itself.")


@blp.route("/")
@blp.response(200, RootSchema, description="What this is.", example=RootSchema.example())
@blp.alt_response(302, description="A browser is redirected to the pages.")
@blp.doc(operationId="root")
def root() -> BaseResponse | dict[str, str]:
    """Return the name of the service; redirect a browser to the pages for people."""
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) != "text/html":
        return {"System": "Kumo", "Status": "Ready for Money"}
    pages = current_app.url_map.bind("").test("/dashboard/")
    return redirect("/dashboard/" if pages else "/docs")


@blp.route("/healthz")
@blp.response(200, AliveSchema, description="Alive.", example=AliveSchema.example())
@blp.doc(operationId="alive")
def alive() -> dict[str, str]:
    """Answer that the process is alive, without any other check."""
    return {"status": "alive"}


@blp.route("/readyz")
@blp.response(200, ReadySchema, description="Ready.", example=ReadySchema.example())
@blp.alt_response(503, response="Problem503")
@blp.doc(operationId="ready")
def ready() -> dict[str, object] | Response:
    """Return whether Redis can be reached and is configured safely, with the reasons if not, and warnings."""
    found = health.examine(peek_services())
    if found.wrong:
        response = problem(HTTPStatus.SERVICE_UNAVAILABLE, " ".join(found.wrong), reasons=found.wrong)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response
    return {"status": "ready", "warnings": found.late + found.warnings}
