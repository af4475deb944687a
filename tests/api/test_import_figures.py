"""The figures about uploads and imports."""

from flask.testing import FlaskClient

from kumo.domain.imports import ImportStatus
from kumo.engine.imports import importer, lifecycle
from kumo.services import Services
from kumo.store import imports
from kumo.store.uploads import PIECE_BYTES
from tests.api.figures import value
from tests.engine.imports import bills, uploading
from tests.engine.imports.uploading import KilledError, deadly
from tests.stack import eventually


def ended(client: FlaskClient) -> tuple[float | None, ...]:
    return tuple(value(client, "kumo_imports_total", status=state) for state in ("done", "failed", "forgotten"))


def test_uploads_that_wait_are_counted_with_their_bytes_and_age(client: FlaskClient, built: Services) -> None:
    for _ in range(2):
        uploading.send(built, b"x" * (PIECE_BYTES + 5))
    assert value(client, "kumo_uploads", status="waiting") == 2
    assert value(client, "kumo_uploads_bytes") == 2 * (PIECE_BYTES + 5)
    eventually(lambda: (value(client, "kumo_uploads_oldest_seconds") or 0) > 0)
    importer.work(built, uploading.never)
    assert (value(client, "kumo_uploads", status="waiting"), ended(client)) == (1, (0, 1, 0))
    importer.work(built, uploading.never)
    assert (value(client, "kumo_uploads_bytes"), value(client, "kumo_uploads_oldest_seconds")) == (0, 0)


def test_an_import_comes_to_each_end_once(client: FlaskClient, built: Services) -> None:
    row = uploading.send(built, bills.simple(uploading.JUNE))
    try:
        importer.work(deadly(built, "upload.imported"), uploading.never)
    except KilledError:
        importer.work(built, uploading.never)
    for _ in range(2):
        imports.save(built.store, lifecycle.find(built, row.id))
    assert ended(client) == (1, 0, 0)
    lifecycle.forget(built, row.id)
    assert lifecycle.find(built, row.id).status is ImportStatus.FORGOTTEN
    assert ended(client) == (1, 0, 1)
