"""Uploads: an acknowledged one is imported once, whatever is killed, and with any number of importers."""

import json
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kumo.domain.imports import ImportStatus
from kumo.engine.imports import importer, lifecycle, uploads
from kumo.engine.imports.choices import Choices
from kumo.engine.sweep import sweep
from kumo.store import keys, leases
from kumo.store import uploads as stored
from tests.billing.samples import zipped
from tests.conftest import Build
from tests.engine.imports.bills import arrivals, counts, of, simple, sound, sums
from tests.engine.imports.uploading import (
    JUNE,
    KilledError,
    deadly,
    end_lease,
    everything_is_there,
    jobs,
    lose_jobs,
    never,
    send,
    work_all,
)

WORK = (
    *("import.read", "import.claimed", "import.planned", "replace.before", "replace.after"),
    *("import.written", "import.judged", "import.counted", "upload.imported"),
)


@pytest.mark.parametrize("point", ["upload.pieces", "upload.announced"])
def test_a_web_process_that_is_killed_leaves_a_whole_upload_or_none(build: Build, point: str) -> None:
    services = build()
    with pytest.raises(KilledError):
        send(deadly(services, point), simple(JUNE))
    work_all(services)
    if point == "upload.pieces":
        assert arrivals(services) == 0
        assert services.store.client.ttl(keys.upload_piece(1, 0)) > 0
    else:
        everything_is_there(services)
        assert lifecycle.find(services, "1").status is ImportStatus.DONE


@pytest.mark.parametrize("pack", [bytes, lambda manifest: zipped({"x.csv": simple(JUNE), "m.json": manifest})])
def test_a_manifest_in_an_upload_opens_nothing_outside_of_it(
    build: Build, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    services = build()
    (tmp_path / "bill.csv").write_bytes(simple(JUNE))
    (tmp_path / "secret").write_text("password,hunter2")
    places = [*(tmp_path / name for name in ("bill.csv", "secret")), "/proc/self/environ", "/proc/kmsg"]
    for name in (f"{start}{place}" for place in places for start in ("", "/", "s3:///", "s3://b", "file://")):
        row = send(services, pack(json.dumps({"reportKeys": [name]}).encode()))
        work_all(services)
        error = str(lifecycle.find(services, row.id).error)
        assert "manifest" in error or "outside of its delivery" in error or "not in its zip" in error
        assert "hunter2" not in error
    assert arrivals(services) == 0


@pytest.mark.parametrize("point", WORK)
def test_what_a_killed_importer_had_begun_is_finished_by_the_next(
    build: Build, point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = build()
    copies: list[Path] = []
    row = send(services, simple(JUNE))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KilledError):
        importer.work(deadly(services, point), lambda: bool(copies.extend(tmp_path.iterdir())))
    assert copies == []
    lose_jobs(services)
    work_all(services)
    everything_is_there(services)
    done = lifecycle.find(services, row.id)
    assert done.status is ImportStatus.DONE
    assert counts(done) == (len(JUNE), 0, 0, 0)


def test_a_killed_importer_keeps_its_upload_until_its_lease_ends(build: Build) -> None:
    services = build()
    row = send(services, simple(JUNE))
    token = "killed"
    assert leases.take(services.store, keys.upload_lease(row.number), token, stored.LEASE_MS)
    lose_jobs(services)
    sweep(services)
    assert jobs(services) == 0
    assert 0 < services.store.client.pttl(keys.upload_lease(row.number)) <= 60_000
    end_lease(services, row.number)
    work_all(services)
    everything_is_there(services)


def test_one_job_waits_at_most_however_much_waits(build: Build) -> None:
    services = build()
    for place in range(5):
        send(services, simple([(place, "EC2", place)]).replace(b"0001", f"{place:04}".encode()))
        sweep(services)
    assert jobs(services) == 1
    lose_jobs(services)
    importer.work(services, never)
    assert jobs(services) == 1
    work_all(services)
    assert arrivals(services) == 5


def test_an_importer_that_is_asked_to_stop_leaves_the_rest_to_another(build: Build) -> None:
    services = build()
    row = send(services, simple(JUNE))
    looks = iter([False, True])
    importer.work(services, lambda: next(looks))
    assert lifecycle.find(services, row.id).status is ImportStatus.RECORDING
    assert jobs(services) == 1
    work_all(services)
    everything_is_there(services)
    assert counts(lifecycle.find(services, row.id)) == (len(JUNE), 0, 0, 0)


def test_an_importer_whose_lease_has_passed_on_stops(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "TELL_SECONDS", 0.0)
    services = build()
    row = send(services, simple(JUNE))

    def stolen() -> bool:
        services.store.client.set(keys.upload_lease(row.number), "another")
        return False

    importer.work(services, stolen)
    assert services.store.client.get(keys.upload_lease(row.number)) == b"another"
    assert lifecycle.find(services, row.id).status is ImportStatus.READING
    end_lease(services, row.number)
    work_all(services)
    everything_is_there(services)


def test_many_importers_at_once_import_each_upload_once(build: Build) -> None:
    services = build()
    bills = [simple([(day, f"service {place}", day + place) for day in range(9)]) for place in range(6)]
    rows = [send(services, bill.replace(b"0001", f"{place:04}".encode())) for place, bill in enumerate(bills)]
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        while services.store.client.hlen(keys.UPLOADS):
            importer.work(services, never)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert arrivals(services) == 6 * 9
    assert {lifecycle.find(services, row.id).status for row in rows} == {ImportStatus.DONE}
    sound(services)


def test_a_later_upload_of_a_month_prevails_in_whatever_order_they_are_worked_on(build: Build) -> None:
    services = build()
    old, new = send(services, simple(JUNE)), send(services, simple([(day, name, 5) for day, name, _ in JUNE]))
    leases.take(services.store, keys.upload_lease(old.number), "slow", 60_000)
    importer.work(services, never)
    end_lease(services, old.number)
    work_all(services)
    assert sums(services) == of([(day, name, 5) for day, name, _ in JUNE])
    assert lifecycle.find(services, new.id).status is ImportStatus.DONE
    assert "overtaken" in str(lifecycle.find(services, old.id).error)
    sound(services)


@pytest.mark.parametrize("take", [100.0, None])
def test_an_import_that_cannot_end_says_so_and_keeps_nobody_waiting(
    build: Build, monkeypatch: pytest.MonkeyPatch, take: float | None
) -> None:
    services = build()
    row, other = send(services, simple(JUNE)), send(services, simple([(0, "x", 1)]).replace(b"0001", b"0002"))
    if take:
        monkeypatch.setattr(importer, "LONGEST_SECONDS", -1.0)
    importer.work(services, never if take else broken)
    monkeypatch.undo()
    failed = lifecycle.find(services, row.id)
    assert failed.status is ImportStatus.FAILED
    assert ("50 minutes" if take else "fault of the service") in str(failed.error)
    work_all(services)
    assert lifecycle.find(services, other.id).status is ImportStatus.DONE
    assert lifecycle.forget(services, row.id).status is ImportStatus.FORGOTTEN
    sound(services)


def broken() -> bool:
    raise ZeroDivisionError


def test_an_importer_asks_for_the_next_upload_before_it_begins_its_own(build: Build) -> None:
    services = build()
    send(services, simple(JUNE))
    send(services, simple(JUNE[:3]))
    assert jobs(services) == 1
    lose_jobs(services)
    with pytest.raises(KilledError):
        importer.work(deadly(services, "import.read"), never)
    assert jobs(services) == 1


def test_choices_travel_with_the_bytes(build: Build) -> None:
    services = build()
    chosen = Choices("hourly", "billed", "EUR", "cluster", frozenset({"tax", "fee"}))
    send(services, simple(JUNE), chosen)
    (upload,) = stored.waiting(services.store)
    read = uploads.read(upload)
    assert uploads._dump_choices(read) == uploads._dump_choices(chosen)
    assert (read.max_bytes, read.max_records, read.max_totals) < (
        chosen.max_bytes,
        chosen.max_records,
        chosen.max_totals,
    )
