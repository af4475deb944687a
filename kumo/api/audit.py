"""Who wrote what: a log line for each request that would change something, but for costs that come in one by one.

    … INFO kumo.audit [3f1c2e805d0b4a77]: key=finops from=10.0.0.5 PUT /policies/prod: 200

It names the key, never its secret; the thing by its path, or by the address that it got; and no amount.
"""

import logging
from typing import Final

from flask import Flask, Response, request

from kumo import logs
from kumo.api.access import HARMLESS, key_name

# A line for each cost would drown the others; who sends costs is counted by key.
UNTOLD: Final = frozenset({"ingest"})
MAX_SHOWN: Final = 200

_log = logging.getLogger(logs.AUDIT)


def register(app: Flask) -> None:
    """Write a line for each request that would change something, also where it is refused."""
    app.after_request(_write_down)


def _write_down(response: Response) -> Response:
    blueprint = (request.endpoint or "").partition(".")[0]
    if request.method in HARMLESS or not blueprint or blueprint in UNTOLD:
        return response
    made = response.headers.get("Location", "")
    _log.info(
        "key=%s from=%s %s %s%s: %d",
        key_name() or "none",
        request.remote_addr,
        request.method,
        request.path[:MAX_SHOWN],
        f" -> {made}" if made else "",
        response.status_code,
    )
    return response
