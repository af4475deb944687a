"""Cached answers, valid until a cost arrives, is judged or is removed. A repeated request costs one read of the store.

Dashboards repeat the same requests each second, and mostly nothing has changed. The cache holds the finished body with
a revision of the store from before the read. So an answer may be newer than its revision, never older: in the worst
case it is computed once more than needed. Keys and rates are checked before, for each request.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from threading import Lock
from typing import Any, Final, TypeVar

from cachetools import LRUCache
from flask import Flask, Response, current_app, request
from werkzeug.wrappers import Response as Conditional

from kumo.api.blueprint import services
from kumo.engine.queries import lookup

# For each web process. A year of a hundred services by day is 4 MB; the page makes four or five requests at once.
KEPT_BYTES: Final = 32 * 1024**2
# A smaller body saves no packet by compression.
LEAST_COMPRESSED: Final = 4096
_EXTENSION: Final = "kumo.kept"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class _CachedResponse:
    revision: str
    body: bytes
    encoding: str
    link: str | None

    @classmethod
    def of(cls, response: Response, revision: str) -> "_CachedResponse":
        """Store the answer of a view, compressed if the client accepts it and it saves enough."""
        body, encoding = response.get_data(), ""
        if _takes_gzip() and len(body) >= LEAST_COMPRESSED:
            body, encoding = gzip.compress(body, compresslevel=1, mtime=0), "gzip"
        return cls(revision, body, encoding, response.headers.get("Link"))

    def response(self) -> Conditional:
        """Build the response; 304 without a body if the client has it already."""
        response = Response(self.body, content_type="application/json")
        if self.encoding:
            response.content_encoding = self.encoding
        if self.link:
            response.headers["Link"] = self.link
        response.set_etag(self.revision, weak=True)
        # For this client only, which revalidates each time: an answer that needs a key must not be shared.
        response.cache_control.private = True
        response.cache_control.no_cache = True
        response.vary.update(["Accept-Encoding", "Authorization"])
        return response.make_conditional(request)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The cached answers of one process; the least recently used are dropped first."""

    answers: LRUCache[tuple[str, bool], _CachedResponse]
    lock: Lock

    def find(self, question: tuple[str, bool], revision: str) -> _CachedResponse | None:
        with self.lock:
            found = self.answers.get(question)
        return found if found and found.revision == revision else None

    def keep(self, question: tuple[str, bool], answer: _CachedResponse) -> None:
        with self.lock:
            if len(answer.body) <= self.answers.maxsize:
                self.answers[question] = answer


def _takes_gzip() -> bool:
    return request.accept_encodings["gzip"] > 0


def register(app: Flask) -> None:
    """Create the cache."""
    app.extensions[_EXTENSION] = _Shelf(LRUCache(KEPT_BYTES, getsizeof=lambda answer: len(answer.body)), Lock())


def document_unchanged(view: View) -> None:
    """Document that a client with the current answer gets 304."""
    about = view.__dict__.setdefault("_apidoc", {}).setdefault("response", {}).setdefault("responses", {})
    about[304] = ["Unchanged"]


def conditional(view: View) -> View:
    """Decorate a view that has its own ETag: 304 if the client has the answer already."""
    document_unchanged(view)

    @wraps(view)
    def answer(*args: Any, **named: Any) -> Conditional:  # noqa: ANN401 - as the view takes them
        response: Response = view(*args, **named)
        return response.make_conditional(request)

    return answer  # type: ignore[return-value]  # as below


def cache_response(view: View) -> View:
    """Decorate a view that reads only entries, verdicts, series and anomalies."""
    document_unchanged(view)

    @wraps(view)
    def answer(*args: Any, **named: Any) -> Conditional:  # noqa: ANN401 - as the view takes them
        shelf: _Shelf = current_app.extensions[_EXTENSION]
        question = request.full_path, _takes_gzip()
        # Hashed, because the client must not learn the counts in it.
        revision = blake2b(lookup.find_revision(services()).encode(), digest_size=12).hexdigest()
        found = shelf.find(question, revision)
        if found is None:
            found = _CachedResponse.of(view(*args, **named), revision)
            shelf.keep(question, found)
        return found.response()

    return answer  # type: ignore[return-value]  # takes what the view takes, and answers as it does
