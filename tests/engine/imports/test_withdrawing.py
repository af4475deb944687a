"""An upload that is forgotten before it is imported: nothing of it stays, wherever its importer is."""

import pytest

from kumo.domain.imports import ImportStatus
from kumo.engine.imports import importer, lifecycle, uploads
from kumo.errors import ConflictError
from kumo.services import Services
from tests.conftest import Build
from tests.engine.imports.bills import arrivals, of, simple, sound, sums
from tests.engine.imports.uploading import JUNE, end_pause, failing, meddling, never, send, work_all


def forget_at(services: Services, point: str, import_id: str) -> Services:
    """Return services under which an import is forgotten by somebody else at a point."""
    return meddling(services, point, lambda: uploads.forget(services, import_id))


def test_an_upload_that_waits_is_not_imported(build: Build) -> None:
    services = build()
    row, other = send(services, simple(JUNE)), send(services, simple([(0, "x", 1)]).replace(b"0001", b"0002"))
    assert uploads.forget(services, row.id).row.status is ImportStatus.FORGOTTEN
    work_all(services)
    assert lifecycle.find(services, row.id).status is ImportStatus.FORGOTTEN
    assert lifecycle.find(services, other.id).status is ImportStatus.DONE
    assert arrivals(services) == 1


def test_so_is_one_that_was_put_off(build: Build) -> None:
    services = build()
    row = send(services, simple(JUNE))
    importer.work(failing(services, "import.read", MemoryError()), never)
    uploads.forget(services, row.id)
    end_pause(services, row.number)
    work_all(services)
    assert lifecycle.find(services, row.id).status is ImportStatus.FORGOTTEN
    assert not [key for key in services.store.client.keys("kumo:upload:*") if not key.endswith(b":withdrawn")]


def test_reading_stops_where_the_upload_is_forgotten(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "TELL_SECONDS", 0.0)
    services = build()
    row = send(services, simple(JUNE))

    def look() -> bool:
        if lifecycle.find(services, row.id).status is ImportStatus.READING:
            uploads.forget(services, row.id)
        return False

    importer.work(services, look)
    assert lifecycle.find(services, row.id).status is ImportStatus.FORGOTTEN
    assert arrivals(services) == 0


@pytest.mark.parametrize("point", ["import.read", "import.claimed"])
def test_what_was_recorded_all_the_same_is_taken_out_again(build: Build, point: str) -> None:
    services = build()
    row = send(services, simple(JUNE))
    importer.work(forget_at(services, point, row.id), never)
    work_all(services)
    assert lifecycle.find(services, row.id).status is ImportStatus.FORGOTTEN
    assert sums(services) == {}
    sound(services)


def test_one_that_is_being_recorded_is_overtaken(build: Build) -> None:
    services = build()
    row = send(services, simple(JUNE))
    importer.work(forget_at(services, "replace.after", row.id), never)
    work_all(services)
    assert lifecycle.find(services, row.id).over
    assert sums(services) == {}
    sound(services)


def test_an_import_that_is_over_is_forgotten_as_before(build: Build) -> None:
    services = build()
    row, again = send(services, simple(JUNE)), send(services, simple(JUNE))
    work_all(services)
    with pytest.raises(ConflictError):
        uploads.forget(services, again.id)
    assert sums(services) == of(JUNE)
    uploads.forget(services, row.id)
    assert sums(services) == {}
