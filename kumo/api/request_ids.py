"""The id of a request: the one it came with, or a new one; in its answer, in problem documents, in log lines."""

import re
from typing import Final

from flask import Flask, Response, g, has_request_context, request

from kumo.services import Services

HEADER: Final = "X-Request-Id"
# What proxies send; anything else could be long, or look like something else in a log.
_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._:=+/-]{1,64}")


def register(app: Flask, services: Services) -> None:
    """Give each request its id. To be called before whatever may refuse one."""

    def begin() -> None:
        given = request.environ.get("HTTP_X_REQUEST_ID", "")
        g.request_id = given if _WELL_FORMED.fullmatch(given) else services.token()

    app.before_request(begin)
    app.after_request(_answer)


def find() -> str:
    """Return the id of the request that is being answered, or an empty text."""
    return str(g.get("request_id", "")) if has_request_context() else ""


def _answer(response: Response) -> Response:
    response.headers[HEADER] = find()
    return response
