"""The importer: imports uploads one at a time, and leaves unfinished ones to another importer.

Importers work under a lease that ends with them. So after a kill another one continues: for the engine, an import
that starts again is the same as a new one. Only the content of a bill makes it fail; a fault of the machine or of
Redis defers it.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from tempfile import TemporaryFile
from typing import Final

import redis

from kumo import faults
from kumo.domain.imports import Failure, Import, ImportStatus
from kumo.engine import liveness
from kumo.engine.imports import lifecycle
from kumo.engine.imports.uploads import UNNAMED, announce, enqueue, read
from kumo.jobs import IMPORT
from kumo.services import Services
from kumo.store import imports, keys, leases, uploads
from kumo.store.uploads import LEASE_MS, ImportStep, Upload

TELL_SECONDS: Final = 1.0
# Less than the timeout of the job in kumo.jobs.
LONGEST_SECONDS: Final = 3000.0

# A bill that crashes its importer must not do so for ever, because others wait behind it.
MOST_TRIES: Final = 5

_GONE: Final = "waited for more than a day, and its bytes have expired: start an importer, and upload the bill again"
_LONG: Final = "takes longer than 50 minutes: import it with `python -m kumo import` on a machine near the store"
_DEADLY: Final = (
    f"was begun {MOST_TRIES} times and never finished: check in the importer's log whether it ran out of memory, "
    "or import it with `python -m kumo import`"
)
_FAULT: Final = "could not be imported: this is a fault of the service; the importer's log has the details"

_log = logging.getLogger(__name__)


class ImporterStoppedError(Exception):
    """The importer was asked to stop, or another has taken over; the import starts again elsewhere."""


class TooLongError(Exception):
    """The import takes longer than a job may."""


def work(services: Services, stopping: Callable[[], bool], interrupted: set[int] | None = None) -> None:
    """Import one upload that no importer works on, if there is one; stop and leave it to another if `stopping` says so.

    First it enqueues a job for the next upload, so that other importers can work beside it.

    Raises the errors of Redis; the upload is then imported again after the lease has ended. Its number is added to
    `interrupted`, which the process keeps between calls, so that this does not count as a try.
    """
    interrupted = set() if interrupted is None else interrupted
    for number in list(interrupted):
        uploads.count_leave(services.store, number)
        interrupted.discard(number)
    token = services.token()
    upload = _take(services, token)
    if upload is None:
        return
    enqueue(services)
    try:
        _import(services, upload, _Teller(services, upload.number, token, stopping), interrupted)
    except ImporterStoppedError:
        uploads.count_leave(services.store, upload.number)
        if not _undo(services, upload.number):
            _log.info("Import %d stops here and continues later.", upload.number)
    finally:
        leases.release(services.store, keys.upload_lease(upload.number), token)


def _take(services: Services, token: str) -> Upload | None:
    """Take the lease on the oldest upload that no importer works on."""
    for upload in uploads.free(services.store, uploads.waiting(services.store)):
        if leases.take(services.store, keys.upload_lease(upload.number), token, LEASE_MS):
            return upload
    return None


def _import(services: Services, upload: Upload, teller: "_Teller", interrupted: set[int]) -> None:
    row = announce(services, upload)
    if not row.over and uploads.count_begin(services.store, upload.number) > MOST_TRIES:
        _fail(services, row, _DEADLY)
    elif not row.over:
        try:
            _run(services, upload, teller)
        except ImporterStoppedError:
            raise
        except redis.RedisError:
            interrupted.add(upload.number)
            raise
        except (OSError, MemoryError) as error:
            _put_off(services, upload, faults.describe(error))
            return
        except TooLongError:
            _fail(services, row, _LONG)
        except Exception:  # noqa: BLE001 - tried again and again, it would keep all others waiting
            _log.exception("Import %d failed.", upload.number)
            _fail(services, row, _FAULT)
    services.failpoint("upload.imported")
    _undo(services, upload.number)
    uploads.drop(services.store, upload)


def _undo(services: Services, number: int) -> bool:
    """Remove the entries of an upload that was forgotten meanwhile; return whether it was."""
    if not uploads.is_withdrawn(services.store, number):
        return False
    row = lifecycle.find(services, str(number))
    if row.scopes and not row.same_as:
        lifecycle.forget(services, row.id)
    elif row.status is not ImportStatus.FORGOTTEN:
        imports.save(services.store, replace(row, status=ImportStatus.FORGOTTEN))
    _log.info("Import %d was forgotten before it ended.", number)
    return True


def _put_off(services: Services, upload: Upload, reason: str) -> None:
    """Defer an upload and store the reason; this does not count as a try."""
    delay = uploads.defer(services.store, upload, reason)
    row = imports.find(services.store, upload.number)
    if row is not None and row.status is ImportStatus.READING:
        imports.save(services.store, replace(row, status=ImportStatus.WAITING))
    uploads.count_leave(services.store, upload.number)
    _log.warning("Import %d is deferred (%s); the next try is in %d s.", upload.number, reason, delay.pause_seconds)


def _run(services: Services, upload: Upload, teller: "_Teller") -> None:
    # A file without a name: a manifest in it can name no other file, and a kill leaves no copy behind.
    with TemporaryFile(prefix="kumo-upload-") as file:
        if not uploads.copy(services.store, upload, file):
            _fail(services, lifecycle.find(services, str(upload.number)), _GONE)
            return
        file.seek(0)
        name = upload.name or UNNAMED
        lifecycle.run(services, file, name, read(upload), teller, upload.number)


def _fail(services: Services, row: Import, detail: str) -> None:
    now = imports.find(services.store, row.number) or row
    if now.over:
        return
    failed = replace(now, status=ImportStatus.FAILED, error=Failure(detail, row.name), finished_at=services.clock())
    imports.save(services.store, failed)


class _Teller:
    """Stores the progress of an import once a second and renews the lease; the engine calls it.

    Raises `ImporterStoppedError` and `TooLongError` through the engine, whose steps can all be repeated.
    """

    def __init__(self, services: Services, number: int, token: str, stopping: Callable[[], bool]) -> None:
        self._services = services
        self._number = number
        self._token = token
        self._stopping = stopping
        self._last = time.monotonic() - TELL_SECONDS
        self._end = time.monotonic() + LONGEST_SECONDS

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Record a step."""
        if self._stopping():
            raise ImporterStoppedError
        now = time.monotonic()
        if now >= self._end:
            raise TooLongError
        if now - self._last < TELL_SECONDS:
            return
        self._last = now
        if uploads.is_withdrawn(self._services.store, self._number):
            raise ImporterStoppedError
        if not leases.renew(self._services.store, keys.upload_lease(self._number), self._token, LEASE_MS):
            raise ImporterStoppedError
        uploads.save_step(self._services.store, self._number, ImportStep(phase=phase, done=done, total=total))
        liveness.record_heartbeat(self._services, IMPORT)
