"""Each error has one status and one form, whatever raised it."""

import errno
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import redis
from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.test import TestResponse

from kumo import errors
from kumo.api import problems
from kumo.errors import FieldError, InvalidBodyError, InvalidQueryError, KumoError, StoreUnavailableError

ANSWER = "Redis went away: redis://:secret@host"


def answer(error: Exception) -> TestResponse:
    """Return what a client is told where an endpoint raises an error."""
    app = Flask(__name__)
    problems.register(app)

    @app.get("/")
    def fail() -> str:
        raise error

    return app.test_client().get("/")


def document(error: Exception) -> dict[str, Any]:
    found: dict[str, Any] = answer(error).get_json()
    return found


def every_error() -> Iterator[type[KumoError]]:
    return (each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, KumoError))


def test_every_error_that_the_api_raises_has_a_status_and_others_are_faults_of_the_service() -> None:
    unknown = {each.__name__ for each in every_error() if not problems.STATUS.keys() & {*each.__mro__}}
    assert unknown == {"KumoError", "_FieldsError", "InvalidHistoryError", "InvalidExportError", "StoredRowError"}


@pytest.mark.parametrize("kind", [*problems.STATUS])
def test_an_error_is_answered_with_its_status_as_a_problem_document(kind: type[KumoError]) -> None:
    fields = [FieldError("amount", "must be finite")]
    given = kind(fields) if issubclass(kind, errors._FieldsError) else kind("Told so.")
    found = answer(given)
    status = problems.STATUS[kind]
    assert (found.status_code, found.mimetype) == (status, "application/problem+json")
    assert found.get_json()["status"] == status
    assert found.get_json()["title"] == HTTPStatus(status).phrase


@pytest.mark.parametrize(
    "error",
    [
        *(KumoError(ANSWER), errors.SettingsError(ANSWER), errors.StoredRowError(ANSWER)),
        *(ValueError(ANSWER), AssertionError(ANSWER), redis.ResponseError(ANSWER), OSError(errno.EACCES, ANSWER)),
    ],
)
def test_a_fault_of_the_service_tells_a_client_nothing_of_itself(error: Exception) -> None:
    found = answer(error)
    assert found.status_code == 500
    assert "secret" not in found.text
    assert "its log" in found.get_json()["detail"]


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (StoreUnavailableError(retry_after=7), 503, "7"),
        (redis.ConnectionError(ANSWER), 503, "1"),
        (redis.ResponseError("OOM command not allowed"), 503, "1"),
        (errors.NoRoomError("full"), 429, "30"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "30"),
        (OSError(errno.EMFILE, "Too many open files"), 503, "30"),
        (MemoryError(), 503, "30"),
    ],
)
def test_what_passes_by_itself_says_when_to_try_again(error: Exception, status: int, retry: str) -> None:
    found = answer(error)
    assert (found.status_code, found.headers["Retry-After"]) == (status, retry)
    assert "secret" not in found.text


def test_who_is_not_known_is_told_how_to_say_who_it_is() -> None:
    assert answer(errors.UnauthenticatedError("Who?")).headers["WWW-Authenticate"] == "Bearer"
    assert "WWW-Authenticate" not in answer(errors.ForbiddenError()).headers


@pytest.mark.parametrize(
    ("field", "index", "pointer"),
    [
        ("amount", None, "#/amount"),
        ("amount", 0, "#/0/amount"),
        ("", 3, "#/3"),
        ("", None, "#"),
        ("a/b~c", None, "#/a~1b~0c"),
        ("ü %", 1, "#/1/%C3%BC%20%25"),
        ("\ud800", None, "#/%3F"),
    ],
)
def test_a_fault_in_a_body_is_pointed_at(field: str, index: int | None, pointer: str) -> None:
    [error] = document(InvalidBodyError([FieldError(field, "is wrong", index)]))["errors"]
    assert error["pointer"] == pointer
    assert error.get("index") == index


def test_a_fault_in_a_query_is_named_without_a_pointer() -> None:
    found = document(InvalidQueryError([FieldError("limit", "must be a number")]))
    assert found["errors"] == [{"field": "limit", "detail": "must be a number"}]
    assert found["detail"] == "limit: must be a number"


def test_many_faults_are_counted_and_only_the_first_are_listed() -> None:
    found = document(InvalidBodyError(FieldError("amount", "is wrong", index) for index in range(1000)))
    assert len(found["errors"]) == problems.MAX_ERRORS
    assert found["detail"] == "[0].amount: is wrong (and 999 more)"


def test_a_long_name_of_a_field_is_cut_wherever_it_is_shown() -> None:
    found = answer(InvalidBodyError([FieldError("x" * 100_000, "is unknown")]))
    assert len(found.data) < 2_000


def test_an_error_of_http_keeps_its_headers_and_has_our_form() -> None:
    found = answer(MethodNotAllowed(["GET", "PUT"]))
    assert (found.status_code, found.headers["Allow"]) == (405, "GET, PUT")
    assert found.mimetype == "application/problem+json"
    assert found.headers.get_all("Content-Type") == ["application/problem+json"]


@pytest.mark.parametrize("code", [None, 304])
def test_what_is_no_error_of_http_is_left_as_it_is(code: int | None) -> None:
    class Told(HTTPException):
        pass

    Told.code = code
    error = Told(response=None)
    assert problems._http(error) is error
