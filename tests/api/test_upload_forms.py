"""Forms with a bill: each fault is named, and nothing of the bill is stored."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from kumo.engine.imports import uploads
from tests.api.refusals import nothing_stored, refused
from tests.api.test_bodies import CHUNKED
from tests.api.uploads import send, upload
from tests.engine.imports.bills import simple
from tests.faults import no_more_files, no_room

JUNE = [(day, service, 10 + day) for day in range(5) for service in ("EC2", "S3")]
BOUNDARY = "----parts"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a/b/c.csv", "c.csv"),
        ("", "the upload"),
        ("../..", ".."),
        ("x" * 300, "x" * 200),
        ("\x1b[2Jé.csv", "[2Jé.csv"),
        (r"C:\\bills\\c.csv", "c.csv"),
    ],
)
def test_a_name_is_cut_to_what_can_be_shown(client: FlaskClient, name: str, kept: str) -> None:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + simple(JUNE) + f"\r\n--{BOUNDARY}--\r\n".encode()
    answer = client.post("/imports/", data=body, content_type=f"multipart/form-data; boundary={BOUNDARY}")
    assert answer.get_json()["name"] == kept


FILE = ("file", ("x.csv", b"x"))


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ([("account", "x")], "file"),
        ([("file", "text")], "file"),
        ([("file", ("x.csv", b""))], "file"),
        ([FILE, FILE], "file"),
        ([FILE, ("granularity", "weekly")], "granularity"),
        ([FILE, ("amount", "net")], "amount"),
        ([FILE, ("currency", "bitcoin")], "currency"),
        ([FILE, ("account", "x" * 201)], "account"),
        ([FILE, ("source", "x" * 201)], "source"),
        ([FILE, ("counts", "x" * 201)], "counts"),
        ([FILE, ("detect", "tax,crime")], "detect"),
        ([FILE, ("detect", "tax"), ("detect", "fee")], "detect"),
        ([FILE, ("colour", "red")], "colour"),
        ([FILE, ("max_bytes", "1")], "max_bytes"),
        ([FILE, ("other", ("x.csv", b"x"))], "other"),
    ],
)
def test_what_is_wrong_with_a_form_is_named_and_nothing_is_stored(
    client: FlaskClient, redis_client: Redis, parts: list[tuple[str, Any]], field: str
) -> None:
    client.get("/imports/")
    with nothing_stored(redis_client):
        assert [error["field"] for error in refused(send(client, *parts), 422)["errors"]] == [field]


@pytest.mark.parametrize("kind", ["application/json", "text/csv", "application/x-www-form-urlencoded", None])
def test_only_forms_are_taken(client: FlaskClient, kind: str | None) -> None:
    refused(client.post("/imports/", data=b"file=x", content_type=kind), 415)


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\na,b'.encode(),
    ],
)
def test_a_form_that_breaks_off_is_refused(client: FlaskClient, body: bytes) -> None:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    refused(client.post("/imports/", data=body, content_type=kind), 400)


def test_what_is_larger_than_its_limit_is_refused(
    client: FlaskClient, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/imports/")
    monkeypatch.setattr(uploads, "MAX_UPLOAD", 2**20)
    assert upload(client, b"x" * 2**20).status_code == 202
    redis_client.flushall()
    with nothing_stored(redis_client):
        refused(upload(client, b"x" * (2**20 + 1)), 413)
        refused(upload(client, b"x" * 2**22), 413)
        refused(send(client, FILE, ("account", "x" * 2**20)), 413)


def test_chunks_are_held_to_the_limit_as_well(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UPLOAD", 2**20)
    for size, status in ((2**19, 202), (2**22, 413)):
        answer = send(client, ("file", ("x", b"x" * size)), environ=CHUNKED)
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(("fault", "status"), [(no_room, 507), (no_more_files, 503)])
@pytest.mark.parametrize("size", [600_000, 2**21])
def test_a_disk_that_is_full_is_no_fault_of_the_form(
    client: FlaskClient,
    redis_client: Redis,
    fault: Callable[[], AbstractContextManager[None]],
    status: int,
    size: int,
) -> None:
    client.get("/imports/")
    with nothing_stored(redis_client), fault():
        answer = upload(client, b"x" * size)
    assert "no room" in refused(answer, status)["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    assert upload(client, b"x" * size).status_code == 202


def test_an_upload_may_be_larger_than_other_bodies(client: FlaskClient) -> None:
    assert client.application.config["MAX_CONTENT_LENGTH"] < 20 * 2**20
    assert upload(client, b"x" * (20 * 2**20)).status_code == 202
