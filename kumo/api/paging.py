"""Pages: the rows as the body, the way to the next ones in the Link header (RFC 8288)."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from flask import request

from kumo.engine.views import Page

LINK: Final = {
    "Link": {
        "description": '`<…>; rel="next"`: the page after this one, where there may be one.',
        "schema": {"type": "string"},
        "example": '</costs/?limit=100&cursor=1769850000000-5woeftbt6mygcc7u-0000000015>; rel="next"',
    }
}


def answer(page: Page[Any]) -> tuple[Sequence[Any], dict[str, str]]:
    """Return the rows of a page, and the link to the next with the other parameters as they are.

    The link is relative, so that it is right behind any proxy. It skips nothing: this page has.
    """
    if page.next is None:
        return page.rows, {}
    kept = {name: value for name, value in request.args.items() if name not in {"cursor", "skip"}}
    query = urlencode({**kept, "cursor": page.next})
    return page.rows, {"Link": f'<{request.path}?{query}>; rel="next"'}
