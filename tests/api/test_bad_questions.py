"""Questions that make no sense: each is refused with a problem that names the parameter or header."""

import pytest
from flask.testing import FlaskClient
from redis import Redis

from tests.api.refusals import first_error, nothing_stored, refused

LISTINGS = ("/costs/", "/series/", "/anomalies/", "/alerts/")
TIMED = ("/costs/", "/anomalies/", "/alerts/")
TIMES = (
    *("", "yesterday", "2026-02-30", "1969-12-31", "0001-01-01T00:00:00Z", "2026-01-31T09:00:00", "1769850000"),
    *("2026-1-1", "20260131", "2026-01-31T25:00:00Z", "9999-12-31T23:59:59-23:59", "\u0662026-01-31"),
)
NUMBERS = ("", "abc", "1.5", "-1", "+5", "1_000", "\u0663", "1e3", "0x10", " 5", "9" * 40)
CURSORS = ("", "x", "5", "0", "-", "9" * 40, "1769850000000-", "1769850000000-x", "../../etc/passwd", "1-x\n", "\x00")

# Paths, parameter, values.
BAD: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (LISTINGS, "limit", (*NUMBERS, "0", "1001")),
    (LISTINGS, "skip", (*NUMBERS, "10001")),
    (LISTINGS, "cursor", CURSORS),
    (LISTINGS, "service", ("", "x" * 201)),
    (LISTINGS, "provider", ("x" * 201,)),
    (LISTINGS, "account", ("x" * 201,)),
    (LISTINGS, "region", ("x" * 201,)),
    (LISTINGS, "currency", ("", "usd", "XXX", "USD,EUR")),
    (LISTINGS, "nonsense", ("1",)),
    (TIMED, "from", TIMES),
    (TIMED, "to", TIMES),
    (("/costs/",), "status", ("", "Normal", "open", "anomalous")),
    (("/anomalies/",), "status", ("", "Open", "normal")),
    (("/alerts/",), "state", ("", "Sent", "open")),
    (("/alerts/",), "status", ("sent",)),
    (("/series/",), "from", ("2026-01-31",)),
    ((*LISTINGS, "/imports/"), "order", ("", "ASC", "up")),
    (("/costs/summary",), "by", ("", "day", "Service", "service,account")),
    (("/costs/summary",), "from", (*TIMES, "2026-01-31T09:00:00Z")),
    (("/costs/summary",), "to", (*TIMES, "2026-01-31T09:00:00Z")),
    (("/costs/summary",), "currency", ("", "usd")),
    (("/costs/summary",), "top", ("", "0", "51", "x")),
    (("/costs/summary",), "service", ("", "x" * 201)),
    (("/costs/summary",), "limit", ("5",)),
)
ASKED = [(path, name, values) for paths, name, values in BAD for path in paths]
IDS = ("/costs/{}", "/series/{}", "/series/{}/periods", "/groups/{}", "/anomalies/{}", "/alerts/{}")
UNKNOWN = (
    *("x", "5woeftbt6mygcc7u", "5woeftbt6mygcc7u-0000000015", "5woeftbt6mygcc7u-0000000015-1", "5WOEFTBT6MYGCC7U"),
    *("5woeftbt6mygcc7u-00000000ZZ", "test-5f0c2d9a41b7e386-1", "%00", "%F0%9F%92%A5", "%ff", "..", "x" * 5000, "*"),
)
GETS = ("/", "/healthz", "/readyz", "/openapi.json", *LISTINGS, "/costs/summary", "/costs/x", "/series/x")
POSTS = ("/ingest/", "/ingest/batch", "/alerts/test")


@pytest.mark.parametrize(("path", "name", "values"), ASKED)
def test_a_wrong_parameter_is_named(client: FlaskClient, path: str, name: str, values: tuple[str, ...]) -> None:
    for value in values:
        error = first_error(client.get(path, query_string={name: value}))
        assert error["field"] == name, value
        assert "pointer" not in error


@pytest.mark.parametrize("path", [*LISTINGS, "/costs/summary"])
def test_a_parameter_is_given_once(client: FlaskClient, path: str) -> None:
    error = first_error(client.get(f"{path}?currency=USD&currency=EUR"))
    assert error == {"field": "currency", "detail": "must be given once"}


def test_all_that_is_wrong_with_a_question_is_said_at_once(client: FlaskClient) -> None:
    document = refused(client.get("/costs/?limit=0&status=x&nonsense=1"), 422)
    assert {error["field"] for error in document["errors"]} == {"limit", "status", "nonsense"}


@pytest.mark.parametrize("span", ["from=1970-01-01&to=2026-01-31", "from=2016-01-01&to=2026-01-10", "from=1970-01-01"])
def test_a_summary_of_more_than_ten_years_is_refused(client: FlaskClient, span: str) -> None:
    assert first_error(client.get(f"/costs/summary?{span}"))["field"] == "from"


@pytest.mark.parametrize("query", ["%ff=1", "service=%ff", "a[]=1", "&&&", "=", "service=%00", "limit=5;skip=1"])
def test_a_garbled_question_breaks_nothing(client: FlaskClient, query: str) -> None:
    for path in (*LISTINGS, "/costs/summary"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 200 or refused(answer, 422)


@pytest.mark.parametrize("path", IDS)
def test_an_unknown_id_leads_nowhere(client: FlaskClient, path: str) -> None:
    for name in UNKNOWN:
        document = refused(client.get(path.format(name)), 404)
        assert len(document["detail"]) < 400


@pytest.mark.parametrize("path", ["/nothing", "/ingest/batch/x", "/costs/x/y", "/docs/../app.py", "/docs/nothing.js"])
def test_an_unknown_path_leads_nowhere(client: FlaskClient, path: str) -> None:
    refused(client.get(path), 404)


@pytest.mark.parametrize("path", GETS)
def test_what_can_be_read_can_only_be_read(client: FlaskClient, path: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.open(path, method=method)
        refused(answer, 405)
        assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("path", POSTS)
def test_what_can_be_posted_can_only_be_posted(client: FlaskClient, path: str) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        answer = client.open(path, method=method)
        refused(answer, 405)
        assert "POST" in answer.headers["Allow"].split(", ")


@pytest.mark.parametrize("path", ["/ingest/", "/ingest/batch"])
@pytest.mark.parametrize("key", ["", "x" * 201, "caf\u00e9", "a\tb", "\x7f", " k", "k "])
def test_an_idempotency_key_is_printable(client: FlaskClient, redis_client: Redis, path: str, key: str) -> None:
    body: object = {"service": "x", "amount": 1}
    client.get("/costs/")
    with nothing_stored(redis_client):
        sent = client.post(path, json=[body] if "batch" in path else body, headers={"Idempotency-Key": key})
        assert first_error(sent)["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    "prefer", ["", "wait", "wait=", "wait=x", "wait=-1", "wait=1.5", "respond-async", "\u00e9", ","]
)
def test_a_preference_that_is_not_known_is_ignored(client: FlaskClient, prefer: str) -> None:
    answer = client.post("/ingest/", json={"service": "x", "amount": 1}, headers={"Prefer": prefer})
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers
