"""Pages: the rows as the body, the next page in the Link header (RFC 8288)."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from flask import request

from kumo.api.schemas.cursors import COSTS, Cursors
from kumo.engine.queries.views import Page

LINK: Final = {
    "Link": {
        "description": '`<…>; rel="next"`: the next page, if there is one.',
        "schema": {"type": "string"},
        "example": f'</costs/?limit=100&cursor={COSTS.example}>; rel="next"',
    }
}


def answer(page: Page[Any], cursors: Cursors) -> tuple[Sequence[Any], dict[str, str]]:
    """Return the rows of a page, and the link to the next page with the same parameters.

    The link is relative, so that it works behind any proxy. It skips the rows that are still to be skipped after this
    page.
    """
    if page.next is None:
        return page.rows, {}
    kept = {name: value for name, value in request.args.items() if name not in {"cursor", "skip"}}
    left = {"skip": str(page.skip)} if page.skip else {}
    query = urlencode(kept | left | {"cursor": cursors.write(page.next)})
    return page.rows, {"Link": f'<{request.path}?{query}>; rel="next"'}
