"""Entries that are wrong: each is refused with a problem that names the field, and nothing is stored."""

import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from tests.api.refusals import first_error, nothing_stored, refused

JSON = "application/json"
LINES = "application/x-ndjson"
LONG = json.dumps("x" * 201)
SURROGATE = r'"a\ud800b"'
DAY_AFTER_TOMORROW = '"2999-01-01T00:00:00Z"'
TEXTS = ("provider", "account", "region", "external_id", "unit", "resource")

# Field, value sent as JSON, a word of the answer.
BAD = [
    ("service", '""', "empty"),
    ("service", "null", "string"),
    ("service", "5", "string"),
    ("service", '["x"]', "string"),
    ("service", LONG, "200"),
    ("service", SURROGATE, "surrogates"),
    ("amount", "null", "number"),
    ("amount", "true", "number"),
    ("amount", "[1]", "number"),
    ("amount", "{}", "number"),
    ("amount", "NaN", "finite"),
    ("amount", "Infinity", "finite"),
    ("amount", "-Infinity", "finite"),
    ("amount", "1e400", "between"),
    ("amount", "1e99999999999999999999", "finite"),
    ("amount", "1" + "0" * 39, "between"),
    ("amount", "-" + "9" * 5000, "between"),
    ("amount", "1000000000001", "between"),
    ("amount", "1000000000000.000001", "between"),
    ("amount", "-1000000000000.000001", "between"),
    ("amount", '"1000000000000.000001"', "between"),
    ("amount", '"' + "1" * 40 + '"', "between"),
    ("amount", '"1e9999"', "between"),
    ("amount", '"NaN"', "decimal"),
    ("amount", '"Infinity"', "decimal"),
    ("amount", '""', "decimal"),
    ("amount", '" 5"', "decimal"),
    ("amount", '"1,000"', "decimal"),
    ("amount", '"1_000"', "decimal"),
    ("amount", '"$5"', "decimal"),
    ("amount", '"0x10"', "decimal"),
    ("amount", '"\uff11\uff12"', "decimal"),
    ("amount", '"0.' + "0" * 99 + '"', "decimal"),
    ("currency", '""', "4217"),
    ("currency", '"usd"', "4217"),
    ("currency", '"USD "', "4217"),
    ("currency", '"XXX"', "4217"),
    ("currency", "840", "4217"),
    ("currency", '["USD"]', "4217"),
    ("timestamp", '"2026-01-31T09:00:00"', "offset"),
    ("timestamp", '"2026-01-31"', "offset"),
    ("timestamp", '"20260131T090000Z"', "offset"),
    ("timestamp", '"31.01.2026 09:00:00Z"', "offset"),
    ("timestamp", '"2026-01-31T09:00:00.1234567890Z"', "offset"),
    ("timestamp", '"\u0662026-01-31T09:00:00Z"', "offset"),
    ("timestamp", "1769850000", "offset"),
    ("timestamp", '""', "offset"),
    ("timestamp", '"2026-02-30T09:00:00Z"', "exists"),
    ("timestamp", '"2026-01-31T25:00:00Z"', "exists"),
    ("timestamp", '"2026-01-31T09:00:00+25:00"', "exists"),
    ("timestamp", '"0000-01-01T00:00:00Z"', "exists"),
    ("timestamp", '"0001-01-01T00:00:00Z"', "1970"),
    ("timestamp", '"0001-01-01T00:00:00+23:59"', "exists"),
    ("timestamp", '"1969-12-31T23:59:59.999Z"', "1970"),
    ("timestamp", '"9999-12-31T23:59:59Z"', "ahead"),
    ("timestamp", '"9999-12-31T23:59:59-23:59"', "exists"),
    ("timestamp", DAY_AFTER_TOMORROW, "ahead"),
    *(("external_id", raw, "reserved") for raw in ('"bill:"', '"bill:91d0:1769817600000"', r'"\u0062\u0069ll\u003ax"')),
    *((name, raw, word) for name in TEXTS for raw, word in [
        ("7", "string"), ("{}", "string"), ("false", "string"), (LONG, "200"), (SURROGATE, "surrogates"),
    ]),
    ("tags", "[]", "object"),
    ("tags", '"a=b"', "object"),
    ("tags", json.dumps({str(number): "" for number in range(51)}), "50"),
    ("tags", '{"a": 1}', "string"),
    ("tags", '{"a": null}', "string"),
    ("tags", '{"a": {"b": "c"}}', "string"),
    ("tags", f'{{{LONG}: ""}}', "200"),
    ("tags", f'{{"a": {LONG}}}', "200"),
    ("tags", f'{{{SURROGATE}: ""}}', "surrogates"),
    ("tags", f'{{"a": {SURROGATE}}}', "surrogates"),
    *(("quantity", raw, word) for raw, word in [
        ("true", "number"), ("[]", "number"), ('"1,5"', "decimal"), ("NaN", "finite"), ("1e13", "between"),
    ]),
    *(("charge_category", raw, "one of Usage") for raw in ('"USAGE"', '""', '"usages"', "7", '["tax"]')),
    ("note", '"x"', "not a field"),
    ("Service", '"x"', "not a field"),
    ("id", '"5woeftbt6mygcc7u-0000000015"', "not a field"),
    ("is_anomaly", "true", "not a field"),
    ("__class__", "{}", "not a field"),
    ("", "1", "not a field"),
]  # fmt: skip


def entry(**fields: str) -> str:
    """Write an entry as JSON, its fields given as JSON."""
    return (
        "{" + ", ".join(f'"{name}": {raw}' for name, raw in ({"service": '"x"', "amount": "1"} | fields).items()) + "}"
    )


def send(client: FlaskClient, body: str | bytes, path: str = "/ingest/", kind: str | None = JSON) -> TestResponse:
    return client.post(path, data=body, content_type=kind)


@pytest.fixture(autouse=True)
def as_it_was(client: FlaskClient, redis_client: Redis) -> Iterator[None]:
    """Check after each test that the store has not changed."""
    client.get("/costs/")  # which marks an empty store as Kumo's
    with nothing_stored(redis_client):
        yield


@pytest.mark.parametrize(("field", "raw", "word"), BAD)
def test_a_wrong_field_is_named(client: FlaskClient, field: str, raw: str, word: str) -> None:
    error = first_error(send(client, entry(**{field: raw})))
    assert error["field"] == field
    assert word in error["detail"]
    assert error["pointer"] == (f"#/{field}" if field else "#")
    assert "index" not in error


@pytest.mark.parametrize(("field", "raw", "word"), BAD)
def test_in_a_batch_its_place_is_named_too(client: FlaskClient, field: str, raw: str, word: str) -> None:
    bad = entry(**{field: raw})
    for kind, body in ((JSON, f"[{entry()}, {bad}]"), (LINES, f"{entry()}\n\n{bad}\n")):
        error = first_error(send(client, body, "/ingest/batch", kind))
        assert (error["index"], error["field"]) == (1, field)
        assert word in error["detail"]
        assert ("line 3" in error["detail"]) is (kind == LINES)
        assert error["pointer"] == (f"#/1/{field}" if field else "#/1")


@pytest.mark.parametrize("missing", ["service", "amount"])
def test_a_missing_field_is_named(client: FlaskClient, missing: str) -> None:
    body = {"service": "x", "amount": 1}
    del body[missing]
    assert first_error(client.post("/ingest/", json=body)) == {
        "field": missing, "detail": "is required", "pointer": f"#/{missing}",
    }  # fmt: skip


def test_all_that_is_wrong_is_said_at_once(client: FlaskClient) -> None:
    document = refused(send(client, entry(service='""', amount="NaN", currency='"usd"', note="1")), 422)
    assert [error["field"] for error in document["errors"]] == ["service", "amount", "currency", "note"]
    assert document["detail"] == "service: must not be empty (and 3 more)"


def test_of_endless_errors_a_hundred_are_shown_and_names_are_cut(client: FlaskClient) -> None:
    answer = send(client, entry(**{f"{number}{'x' * 250}": "1" for number in range(1000)}))
    document = refused(answer, 422)
    assert len(document["errors"]) == 100
    assert len(answer.data) < 200_000
    assert document["detail"].endswith("(and 999 more)")


def test_a_pointer_is_written_by_the_rules(client: FlaskClient) -> None:
    assert first_error(send(client, entry(**{"a/b~c d%\u00e9": "1"})))["pointer"] == "#/a~1b~0c%20d%25%C3%A9"


@pytest.mark.parametrize("body", ["null", "[]", '"x"', "5", "true", "NaN", f"[{entry()}]"])
def test_what_is_no_object_is_no_entry(client: FlaskClient, body: str) -> None:
    assert first_error(send(client, body)) == {"field": "", "detail": "must be an object", "pointer": "#"}


@pytest.mark.parametrize("body", ["null", "{}", '"x"', "5", entry()])
def test_what_is_no_array_is_no_batch(client: FlaskClient, body: str) -> None:
    error = first_error(send(client, body, "/ingest/batch"))
    assert (error["field"], error["detail"]) == ("", "must be an array of entries")


@pytest.mark.parametrize("row", ["null", "[]", "5", '"x"'])
def test_each_entry_of_a_batch_is_an_object(client: FlaskClient, row: str) -> None:
    error = first_error(send(client, f"[{entry()}, {row}]", "/ingest/batch"))
    assert error == {"field": "", "detail": "must be an object", "index": 1, "pointer": "#/1"}


@pytest.mark.parametrize(("kind", "body"), [(JSON, "[]"), (LINES, ""), (LINES, "\n \r\n")])
def test_an_empty_batch_is_refused(client: FlaskClient, kind: str, body: str) -> None:
    assert "1 to 10000 entries, not 0" in first_error(send(client, body, "/ingest/batch", kind))["detail"]


@pytest.mark.parametrize("kind", [JSON, LINES])
def test_a_batch_of_10001_is_refused(client: FlaskClient, kind: str) -> None:
    rows = [entry()] * 10_001
    body = f"[{','.join(rows)}]" if kind == JSON else "\n".join(rows)
    assert "1 to 10000 entries, not more" in first_error(send(client, body, "/ingest/batch", kind))["detail"]


@pytest.mark.parametrize("place", [0, 6789, 9999])
def test_one_bad_entry_refuses_ten_thousand(client: FlaskClient, place: int) -> None:
    rows = [entry()] * 10_000
    rows[place] = entry(amount='"12,50"')
    document = refused(send(client, f"[{','.join(rows)}]", "/ingest/batch"), 422)
    assert [(error["index"], error["pointer"]) for error in document["errors"]] == [(place, f"#/{place}/amount")]
    assert document["detail"].startswith(f"[{place}].amount: ")
