"""Uploads while the machine or Redis has trouble: deferred, never lost; only the content of a bill refuses it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import redis

from kumo.domain.imports import ImportStatus
from kumo.engine.imports import importer, lifecycle, uploads
from kumo.engine.sweep import sweep
from kumo.store import keys
from kumo.store.uploads import KEPT_SECONDS, LONGEST_PAUSE_SECONDS, Delay
from tests.conftest import Build
from tests.engine.imports.bills import counts, of, simple, sums
from tests.engine.imports.uploading import (
    JUNE,
    KilledError,
    deadly,
    end_lease,
    end_pause,
    everything_is_there,
    failing,
    jobs,
    lose_jobs,
    never,
    send,
    work_all,
)
from tests.faults import FAULTS


@pytest.mark.parametrize("fault", FAULTS)
def test_an_upload_waits_while_the_disk_is_full_and_is_imported_after(
    build: Build, fault: Callable[[], AbstractContextManager[None]]
) -> None:
    services = build()
    known = send(services, simple([(0, "EC2", 1)]).replace(b"0001", b"0002"))
    work_all(services)  # reads the scripts, which are files too
    lifecycle.forget(services, known.id)
    row = send(services, simple(JUNE))
    for _ in range(importer.MOST_TRIES + 1):
        with fault():
            importer.work(services, never)
        waits = uploads.find(services, row.id)
        assert (waits.row.status, waits.row.error) == (ImportStatus.WAITING, None)
        assert waits.delay is not None
        assert waits.delay.detail in {"File too large", "Too many open files"}
        end_pause(services, row.number)
    assert waits.delay.times == importer.MOST_TRIES + 1
    work_all(services)
    done = uploads.find(services, row.id)
    assert (done.row.status, done.delay) == (ImportStatus.DONE, None)
    assert sums(services) == of(JUNE)
    assert not services.store.client.keys("kumo:upload:*")


@pytest.mark.parametrize(
    ("point", "state"),
    [
        ("import.read", ImportStatus.WAITING),
        ("import.planned", ImportStatus.RECORDING),
        ("replace.after", ImportStatus.RECORDING),
    ],
)
@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device")])
def test_what_fails_for_want_of_memory_goes_on_later(
    build: Build, point: str, state: ImportStatus, error: Exception
) -> None:
    services = build()
    row = send(services, simple(JUNE))
    importer.work(failing(services, point, error), never)
    assert lifecycle.find(services, row.id).status is state
    end_pause(services, row.number)
    work_all(services)
    everything_is_there(services)
    assert counts(lifecycle.find(services, row.id)) == (len(JUNE), 0, 0, 0)


def test_what_is_put_off_keeps_nobody_waiting_and_nobody_busy(build: Build) -> None:
    services = build()
    late = send(services, simple(JUNE))
    importer.work(failing(services, "import.read", MemoryError()), never)
    lose_jobs(services)
    sweep(services)
    assert jobs(services) == 0
    other = send(services, simple([(0, "EC2", 1)]).replace(b"0001", b"0002"))
    work_all(services)
    assert lifecycle.find(services, other.id).status is ImportStatus.DONE
    assert lifecycle.find(services, late.id).status is ImportStatus.WAITING
    assert 0 < services.store.client.ttl(keys.upload_pause(late.number)) <= Delay("", 1).pause_seconds


def test_pauses_grow_to_ten_minutes_and_the_bill_is_kept_for_another_day_at_each(build: Build) -> None:
    services = build()
    row = send(services, simple(JUNE))
    piece = keys.upload_piece(row.number, 0)
    services.store.client.expire(piece, 60)
    importer.work(failing(services, "import.read", MemoryError()), never)
    assert services.store.client.ttl(piece) > KEPT_SECONDS - 60
    pauses = [Delay("", times).pause_seconds for times in (1, 2, 3, 8, 1000)]
    assert pauses == [5, 10, 20, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]


def test_a_redis_that_fails_does_not_count_against_a_bill(build: Build) -> None:
    services = build()
    row = send(services, simple(JUNE))
    interrupted: set[int] = set()
    for _ in range(importer.MOST_TRIES + 1):
        with pytest.raises(redis.ConnectionError):
            importer.work(failing(services, "import.claimed", redis.ConnectionError()), never, interrupted)
        assert interrupted == {row.number}
    importer.work(services, never, interrupted)
    assert interrupted == set()
    assert lifecycle.find(services, row.id).status is ImportStatus.DONE
    everything_is_there(services)


def test_a_bill_that_kills_its_importers_is_given_up_though_the_disk_was_full_between(build: Build) -> None:
    services = build()
    row = send(services, simple(JUNE))
    for _ in range(importer.MOST_TRIES):
        importer.work(failing(services, "import.read", MemoryError()), never)
        end_pause(services, row.number)
        with pytest.raises(KilledError):
            importer.work(deadly(services, "import.read"), never)
        end_lease(services, row.number)
    importer.work(services, never)
    assert lifecycle.find(services, row.id).status is ImportStatus.FAILED


def test_a_bill_that_cannot_be_read_is_refused_at_once(build: Build) -> None:
    services = build()
    row = send(services, b"hello")
    importer.work(services, never)
    assert lifecycle.find(services, row.id).status is ImportStatus.FAILED
