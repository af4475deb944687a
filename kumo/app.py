"""Builds the Flask application."""

from typing import Final

import flask_smorest
from flask import Flask, Response
from flask_cors import CORS

from kumo import __version__, logs
from kumo.api import (
    access,
    alerts,
    anomalies,
    costs,
    docs,
    groups,
    health,
    imports,
    ingest,
    metrics,
    policies,
    problems,
    response_cache,
    series,
    telemetry,
)
from kumo.api.blueprint import EXTENSION, document_keys, document_refusals
from kumo.api.schemas.problem import ProblemSchema
from kumo.dashboard import page
from kumo.services import Services, build
from kumo.settings import load

BLUEPRINTS: Final = (
    ingest.blp,
    imports.blp,
    costs.blp,
    series.blp,
    groups.blp,
    anomalies.blp,
    alerts.blp,
    policies.blp,
    metrics.blp,
    health.blp,
)
ABOUT: Final = """\
Kumo compares each cost with the earlier costs of its series and sends an alert if spending jumps.

Every refusal is a problem document (RFC 9457, `application/problem+json`). Amounts are exact to
the sixth decimal; `amount_exact` has them as text, without float rounding.

Every answer has an `X-Request-Id`, that of the request or a new one. Problem documents and
the log of the service contain it.

Each operation names the scope that its API key needs. As long as no key has ever existed and the
service listens only on this machine, none is needed.
"""
# Needed by Swagger UI and our pages; nothing is loaded from, or sent to, another host.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": POLICY,
}
# Headers that a page of another origin may read.
EXPOSED: Final = [
    *("ETag", "Link", "Location", "Preference-Applied", "Retry-After"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", telemetry.REQUEST_ID),
]


class Api(flask_smorest.Api):
    """flask-smorest with our problem documents instead of its own errors."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None


def create_app(services: Services | None = None) -> Flask:
    """Build the application with the services, or with those from the settings.

    Connects to nothing yet. Raises `SettingsError` for invalid settings.
    """
    built = services or build(load())
    logs.configure(built.settings.log_level, telemetry.find_request_id)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = built.settings.max_body_bytes
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.url_map.strict_slashes = False
    app.extensions[EXTENSION] = built
    api = _document_api(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(docs.blp)
    app.register_blueprint(page.blp)
    telemetry.register(app, built)
    problems.register(app)
    response_cache.register(app)
    access.register(app, built)
    app.after_request(_secure)
    _allow_origins(app, built.settings.cors_origins)
    return app


def _document_api(app: Flask) -> Api:
    app.config["API_TITLE"] = "Kumo"
    app.config["API_VERSION"] = __version__
    app.config["OPENAPI_VERSION"] = "3.1.0"
    document = {"info": {"description": ABOUT}, "servers": [{"url": "/"}]}
    api = Api(app, spec_kwargs=document)
    document_refusals(api.spec)
    document_keys(api.spec)
    return api


def _secure(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _allow_origins(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of the listed origins call the API and read its headers."""
    if origins:
        CORS(
            app,
            origins=list(origins),
            methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer"],
            expose_headers=EXPOSED,
            max_age=600,
        )
