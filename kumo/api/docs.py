"""The OpenAPI document, and Swagger UI from bundled files, without any other host."""

from pathlib import Path
from typing import Final

import flask_swagger_ui
from flask import Blueprint, Response, current_app, jsonify, send_from_directory

blp = Blueprint("docs", __name__)

# The package's own page starts the interface with an inline script, which our policy forbids.
_OURS: Final = Path(__file__).parent / "swagger"
_THEIRS: Final = Path(flask_swagger_ui.__file__).parent / "dist"


@blp.route("/openapi.json")
def document() -> Response:
    """Return the OpenAPI document."""
    return jsonify(current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict())


@blp.route("/docs/")
def page() -> Response:
    """Show the document as a page for people, with a form to try each request."""
    return send_from_directory(_OURS, "index.html")


@blp.route("/docs/initializer.js")
def initializer() -> Response:
    """Start Swagger UI."""
    return send_from_directory(_OURS, "initializer.js")


@blp.route("/docs/<path:name>")
def file(name: str) -> Response:
    """Return a file of Swagger UI."""
    return send_from_directory(_THEIRS, name)
