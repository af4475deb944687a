"""Bodies that are not entries: incomplete, too large, of another type, or noise."""

import io
import json
from collections.abc import Iterator
from typing import NoReturn

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from redis import Redis

from tests.api.refusals import nothing_stored, refused, stored
from tests.api.test_bad_input import JSON, LINES, entry, send

ENTRY = entry()
BATCH = "/ingest/batch"
CHUNKED = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
POSTS = ("/ingest/", BATCH, "/alerts/test")
KINDS = (
    JSON,
    LINES,
    "application/jsonl",
    "text/plain",
    "application/json; charset=utf-16",
    "multipart/form-data",
    None,
)

# A shrunk failure says more than a deadline on a busy machine; the fixture only names the server.
noisily = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# A nearly correct body gets further than a completely wrong one: a body with some changed bytes.
nearly = st.builds(
    lambda body, place, noise: body[: place % len(body)] + noise + body[place % len(body) + len(noise) :],
    st.sampled_from([ENTRY.encode(), f"[{ENTRY}]".encode(), f"{ENTRY}\n{ENTRY}".encode()]),
    st.integers(0, 1000),
    st.binary(min_size=1, max_size=4),
)


@pytest.fixture
def unchanged(client: FlaskClient, redis_client: Redis) -> Iterator[None]:
    client.get("/costs/")
    with nothing_stored(redis_client):
        yield


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"service": "AWS EC2", "amount": 5', "line 1, column 35"),
        ('{"service": "AWS EC2",\n "amount": ', "line 2, column 12"),
        ('{"service": "AWS', "line 1, column 13"),
        ("", "line 1, column 1"),
        ("hello", "line 1, column 1"),
        ("{'service': 'x'}", "line 1, column 2"),
        ('{"service": "x", "amount": 1,}', "line 1, column"),
        ('{"service": "x", "amount": 01}', "line 1, column 29"),
        (ENTRY + "\n{}", "line 2, column 1"),
        ('{"service": "a\nb", "amount": 1}', "line 1, column 15"),
    ],
)
def test_where_json_ends_is_said(client: FlaskClient, body: str, place: str) -> None:
    for path in ("/ingest/", BATCH):
        assert place in refused(send(client, body, path), 400)["detail"]


@pytest.mark.usefixtures("unchanged")
def test_a_line_that_is_not_json_is_named(client: FlaskClient) -> None:
    document = refused(send(client, f'{ENTRY}\n\n{{"service": "x', BATCH, LINES), 400)
    assert "line 3, column" in document["detail"]
    assert (document["errors"][0]["index"], document["errors"][0]["pointer"]) == (1, "#/1")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/ingest/", BATCH])
@pytest.mark.parametrize("body", [b'{"service": "\xff"}', ENTRY.encode("utf-16"), b"\x80", b"\xed\xa0\x80"])
def test_what_is_not_utf8_is_refused(client: FlaskClient, path: str, body: bytes) -> None:
    assert "UTF-8" in refused(send(client, body, path), 400)["detail"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/ingest/", BATCH])
@pytest.mark.parametrize("opening", ["[", '{"tags":', '{"service": [', '[{"service": {"a":'])
def test_what_is_nested_too_deeply_is_refused(client: FlaskClient, path: str, opening: str) -> None:
    document = refused(send(client, opening * 100_000, path), 400)
    assert "nested too deeply" in document["detail"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("kind", [LINES, "text/plain", "application/x-www-form-urlencoded", "", None])
def test_an_entry_of_another_type_is_refused(client: FlaskClient, kind: str | None) -> None:
    assert "application/json" in refused(send(client, ENTRY, kind=kind), 415)["detail"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("kind", ["text/csv", "multipart/form-data; boundary=x", "application/xml", None])
def test_a_batch_of_another_type_is_refused(client: FlaskClient, kind: str | None) -> None:
    assert "application/x-ndjson" in refused(send(client, f"[{ENTRY}]", BATCH, kind), 415)["detail"]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/ingest/", BATCH])
def test_twenty_megabytes_are_too_many(client: FlaskClient, path: str) -> None:
    refused(send(client, b" " * (20 * 2**20), path), 413)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/ingest/", BATCH])
def test_so_they_are_where_their_length_is_not_said(client: FlaskClient, path: str) -> None:
    body = io.BytesIO(f"[{ENTRY}]".encode() + b" " * (20 * 2**20))
    answer = client.post(path, input_stream=body, content_type=JSON, environ_overrides=CHUNKED)
    refused(answer, 413)


class Garbled(io.BytesIO):
    """A body whose chunks are none, as a server hands it on."""

    def fail(self, *_: object) -> NoReturn:
        raise RuntimeError("Invalid chunk size: b'zz'")

    read = readinto = fail


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/ingest/", BATCH])
def test_a_body_that_cannot_be_read_is_refused(client: FlaskClient, path: str) -> None:
    cut_off = client.post(path, data=ENTRY, content_type=JSON, environ_overrides={"CONTENT_LENGTH": "1000"})
    refused(cut_off, 400)
    garbled = client.post(path, input_stream=Garbled(), content_type=JSON, environ_overrides=CHUNKED)
    assert "chunks" in refused(garbled, 400)["detail"]


def test_a_byte_order_mark_and_other_spellings_of_the_type_are_taken(client: FlaskClient) -> None:
    assert send(client, b"\xef\xbb\xbf" + ENTRY.encode()).status_code == 202
    assert send(client, ENTRY, kind="Application/JSON; charset=utf-8").status_code == 202
    assert send(client, ENTRY, kind="application/vnd.bill+json").status_code == 202
    assert send(client, b"\xef\xbb\xbf" + ENTRY.encode(), BATCH, "application/jsonl").status_code == 202


def test_a_line_separator_of_unicode_ends_no_line(client: FlaskClient) -> None:
    body = json.dumps({"service": "a\u2028b\x85c", "amount": 1}, ensure_ascii=False)
    assert len(send(client, f"{body}\r\n{body}\r\n", BATCH, LINES).get_json()["ids"]) == 2


@noisily
@example("/ingest/", b"\x00", JSON)
@given(path=st.sampled_from(POSTS), body=st.binary(max_size=200) | nearly, kind=st.sampled_from(KINDS))
def test_noise_is_refused_and_leaves_no_trace(
    client: FlaskClient, redis_client: Redis, path: str, body: bytes, kind: str | None
) -> None:
    client.get("/costs/")
    before = stored(redis_client)
    answer = client.post(path, data=body, content_type=kind)
    if answer.status_code == 202:  # by chance it was right
        redis_client.flushall()
        client.application.extensions.pop("kumo.layout")
        return
    refused(answer, answer.status_code)
    assert answer.status_code in {400, 415, 422}
    assert stored(redis_client) == before


@noisily
@given(key=st.text(max_size=210), prefer=st.text(max_size=30), authorization=st.text(max_size=30))
def test_noise_in_headers_breaks_nothing(client: FlaskClient, key: str, prefer: str, authorization: str) -> None:
    sent = {"Idempotency-Key": key, "Prefer": prefer, "Authorization": authorization}
    headers = {name: text.encode("utf-8").decode("latin-1") for name, text in sent.items() if text.isprintable()}
    answer = client.post("/ingest/", data=ENTRY, content_type=JSON, headers=headers)
    assert answer.status_code in {202, 401, 422}
