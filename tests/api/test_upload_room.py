"""Waiting bills have a common limit: more of them are refused before they are received."""

import io
from collections.abc import Callable
from typing import NoReturn

import pytest
from flask.testing import FlaskClient
from redis import Redis

from kumo.engine.imports import importer
from kumo.services import Services
from kumo.store import keys, room
from kumo.store.uploads import KEPT_SECONDS
from tests.api.conftest import Serve
from tests.api.refusals import nothing_stored, refused
from tests.api.test_bodies import CHUNKED
from tests.api.uploads import send, upload
from tests.engine.imports.bills import simple
from tests.engine.imports.uploading import KilledError

MEBIBYTE = 2**20
FULL = {"KUMO_MAX_WAITING_BYTES": str(2 * MEBIBYTE)}


@pytest.fixture
def client(serve: Serve) -> FlaskClient:
    return serve(FULL)


class Unread(io.BytesIO):
    """A body that must not be read."""

    def read(self, *_: object) -> NoReturn:
        raise AssertionError("The body is read.")

    readline = readinto = read  # type: ignore[assignment]


def reserved(redis_client: Redis) -> list[bytes]:
    return [member.partition(b":")[2] for member in redis_client.zrange(keys.UPLOADS_ROOM, 0, -1)]


def test_what_there_is_no_room_for_is_refused_before_it_is_read(client: FlaskClient, redis_client: Redis) -> None:
    assert upload(client, b"x" * MEBIBYTE).status_code == 202
    with nothing_stored(redis_client):
        answer = client.post(
            "/imports/",
            input_stream=Unread(),
            content_type="multipart/form-data; boundary=x",
            environ_overrides={"CONTENT_LENGTH": str(MEBIBYTE + 1)},
        )
        assert "KUMO_MAX_WAITING_BYTES is 2097152" in refused(answer, 429)["detail"]
        assert int(answer.headers["Retry-After"]) > 0
    assert upload(client, b"x" * (MEBIBYTE - 1000)).status_code == 202


def test_there_is_room_again_once_bills_are_imported(client: FlaskClient, built: Services, redis_client: Redis) -> None:
    assert [upload(client, b"x" * size).status_code for size in (2 * MEBIBYTE, 10)] == [202, 429]
    assert reserved(redis_client) == [b"2097152"]
    importer.work(built, lambda: False)
    assert reserved(redis_client) == []
    assert upload(client, b"x" * (2 * MEBIBYTE)).status_code == 202


def test_what_could_never_have_room_is_too_large(client: FlaskClient, redis_client: Redis) -> None:
    client.get("/imports/")
    with nothing_stored(redis_client):
        refused(upload(client, b"x" * (2 * MEBIBYTE + 1)), 413)
        refused(send(client, ("file", ("x", b"x" * (3 * MEBIBYTE))), environ=CHUNKED), 413)


def test_as_much_is_reserved_as_the_bill_has(client: FlaskClient, redis_client: Redis) -> None:
    assert send(client, ("file", ("x", b"x" * 5)), environ=CHUNKED).status_code == 202
    assert upload(client, b"x" * MEBIBYTE).status_code == 202
    assert sorted(reserved(redis_client)) == [b"1048576", b"5"]
    # It may be as much as any.
    assert send(client, ("file", ("x", b"x" * 5)), environ=CHUNKED).status_code == 429


@pytest.mark.parametrize("parts", [[("account", "x")], [("file", ("x", b"x")), ("colour", "red")]])
def test_a_form_that_is_refused_gives_its_room_back(
    client: FlaskClient, redis_client: Redis, parts: list[tuple[str, object]]
) -> None:
    refused(send(client, *parts), 422)
    assert reserved(redis_client) == []


def test_a_thousand_bills_may_wait(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_UPLOADS", 2)
    assert [upload(client, simple([(0, "x", 1)])).status_code for _ in range(2)] == [202, 202]
    assert "2 bills wait to be imported" in refused(upload(client, b"x"), 429)["detail"]


@pytest.mark.parametrize("point", ["upload.pieces", "upload.announced"])
def test_what_a_killed_web_process_had_reserved_counts_as_long_as_its_pieces_stand(
    serve: Callable[..., FlaskClient], redis_client: Redis, point: str
) -> None:
    client = serve(FULL)

    def reach(reached: str) -> None:
        if reached == point:
            raise KilledError

    services: Services = client.application.extensions["kumo"]
    object.__setattr__(services, "failpoint", reach)
    with pytest.raises(KilledError):
        upload(client, b"x" * MEBIBYTE)
    lives = [
        redis_client.ttl(name) for name in (keys.UPLOADS_ROOM, keys.upload_piece(1, 0)) if redis_client.exists(name)
    ]
    if point == "upload.announced":
        assert reserved(redis_client) == [str(MEBIBYTE).encode()]
        assert min(lives) > KEPT_SECONDS - 60
    else:
        assert max(lives) <= room.RESERVED_SECONDS
