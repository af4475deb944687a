"""Serves the page and its files. All data comes from the API, under the reader's own key."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort, current_app, render_template, request

from kumo import __version__
from kumo.dashboard.assets import assets

blp = Blueprint("dashboard", __name__, url_prefix="/dashboard", template_folder="templates")

# The endpoint for uploads; without it the page offers none.
UPLOADS: Final = "/imports/"
# A changed file has another address, so the browser may keep the old one for a year.
_FOR_EVER: Final = "public, max-age=31536000, immutable"
# In addition to the policy of every answer: no access to devices, and no control by windows of other pages.
_HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}


@blp.route("/")
def page() -> Response:
    """Show the page."""
    # The OpenAPI document would say the same, but is larger than everything else that the page loads.
    uploads = any(rule.rule == UPLOADS for rule in current_app.url_map.iter_rules())
    text = render_template("dashboard.html", assets=assets(), release=__version__, uploads=uploads)
    response = Response(text)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@blp.route("/static/<version>/<name>")
def file(version: str, name: str) -> Response:
    """Return a file of the page, in the version in the page's links."""
    known = assets()
    found = known.files.get(name)
    if found is None or version != known.version:
        abort(HTTPStatus.NOT_FOUND)
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(found.compressed if packed else found.body, content_type=f"{found.mimetype}; charset=utf-8")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = _FOR_EVER
    response.headers["Vary"] = "Accept-Encoding"
    return response


@blp.after_request
def _secure(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
