"""The common part of every refusal: a problem document (RFC 9457), and an unchanged store."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from werkzeug.test import TestResponse

from kumo.api.problems import MIMETYPE
from kumo.store import keys

MEMBERS = {"type", "title", "status", "detail", "errors", "reasons", "request_id"}


def refused(answer: TestResponse, status: int) -> dict[str, Any]:
    """Check that an answer is a problem document of this status, and return it."""
    assert answer.status_code == status, answer.get_data(as_text=True)[:300]
    assert answer.mimetype == MIMETYPE
    document: dict[str, Any] = answer.get_json()
    assert {"type", "title", "status", "detail"} <= set(document) <= MEMBERS
    assert (document["type"], document["status"]) == ("about:blank", status)
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert all(error["detail"] for error in document.get("errors", []))
    return document


def first_error(answer: TestResponse, status: int = 422) -> dict[str, Any]:
    """Check that an answer is a problem that names the faults, and return the first one."""
    found: dict[str, Any] = refused(answer, status)["errors"][0]
    return found


def stored(redis: Redis) -> dict[bytes, Any]:
    """Return the content of the server without the counts of requests, which include refused ones."""
    return {key: redis.dump(key) for key in redis.scan_iter(count=1000) if key != keys.REQUESTS.encode()}


@contextmanager
def nothing_stored(redis: Redis) -> Iterator[None]:
    """Check that the code inside leaves the server unchanged."""
    before = stored(redis)
    yield
    assert stored(redis) == before
