"""The importer: imports uploads, one at a time, and leaves what it cannot finish to another.

Importers work under a lease that ends with them, so whatever is killed, another goes on: the engine makes no difference
between an import that is begun again and one that never was. Only what is in a bill refuses it; what is wrong with the
machine or with Redis puts it off.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from tempfile import TemporaryFile
from typing import Final

import redis

from kumo import faults
from kumo.domain.imports import Failure, Import, ImportState
from kumo.engine import liveness
from kumo.engine.imports import lifecycle
from kumo.engine.imports.uploads import UNNAMED, announce, ask, read
from kumo.jobs import IMPORT
from kumo.services import Services
from kumo.store import imports, keys, leases, uploads
from kumo.store.uploads import LEASE_MS, ImportStep, Upload

TELL_SECONDS: Final = 1.0
# Less than what kumo.jobs gives a job.
LONGEST_SECONDS: Final = 3000.0

# A bill that takes its importer down with it must not do so for ever: others wait behind it.
MOST_TRIES: Final = 5

_GONE: Final = "waited for more than a day, and its bytes are gone: see that an importer runs, and upload it again"
_LONG: Final = "takes longer than 50 minutes: import it with `python -m kumo import` on a machine beside the store"
_DEADLY: Final = (
    f"was begun {MOST_TRIES} times and never came to its end: see in the importer's log whether it ran out of memory, "
    "or import it with `python -m kumo import`"
)
_FAULT: Final = "could not be imported: this is a fault of the service, and it is in the importer's log"

_log = logging.getLogger(__name__)


class ImporterStoppedError(Exception):
    """The importer was asked to stop, or another has taken over; the import goes on from the start elsewhere."""


class TooLongError(Exception):
    """The import takes longer than a job may."""


def work(services: Services, stopping: Callable[[], bool], broken_off: set[int] | None = None) -> None:
    """Import one upload that nobody works on, if there is one; leaves it to another where `stopping` says so.

    Before it begins it asks for the next one to be imported, beside it if there are more importers.

    Raises what Redis raises: the upload is then taken up again once the lease has ended. Its number is put into
    `broken_off`, which a process keeps from one call to the next, so that this does not count as one of its tries.
    """
    broken_off = set() if broken_off is None else broken_off
    for number in list(broken_off):
        uploads.count_leave(services.store, number)
        broken_off.discard(number)
    token = services.token()
    upload = _take(services, token)
    if upload is None:
        return
    ask(services)
    try:
        _import(services, upload, _Teller(services, upload.number, token, stopping), broken_off)
    except ImporterStoppedError:
        uploads.count_leave(services.store, upload.number)
        if not _undo(services, upload.number):
            _log.info("Import %d stops here and goes on later.", upload.number)
    finally:
        leases.release(services.store, keys.upload_lease(upload.number), token)


def _take(services: Services, token: str) -> Upload | None:
    """Take the lease on the oldest upload that nobody works on."""
    for upload in uploads.free(services.store, uploads.waiting(services.store)):
        if leases.take(services.store, keys.upload_lease(upload.number), token, LEASE_MS):
            return upload
    return None


def _import(services: Services, upload: Upload, teller: "_Teller", broken_off: set[int]) -> None:
    row = announce(services, upload)
    if not row.over and uploads.count_begin(services.store, upload.number) > MOST_TRIES:
        _fail(services, row, _DEADLY)
    elif not row.over:
        try:
            _run(services, upload, teller)
        except ImporterStoppedError:
            raise
        except redis.RedisError:
            broken_off.add(upload.number)
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
    """Take out again what was imported of an upload that was forgotten meanwhile; returns whether it was."""
    if not uploads.is_withdrawn(services.store, number):
        return False
    row = lifecycle.find(services, str(number))
    if row.scopes and not row.same_as:
        lifecycle.forget(services, row.id)
    elif row.state is not ImportState.FORGOTTEN:
        imports.keep(services.store, replace(row, state=ImportState.FORGOTTEN))
    _log.info("Import %d was forgotten before it was over.", number)
    return True


def _put_off(services: Services, upload: Upload, reason: str) -> None:
    """Let an upload wait for better times, and say why; that counts as no try."""
    delay = uploads.put_off(services.store, upload, reason)
    row = imports.find(services.store, upload.number)
    if row is not None and row.state is ImportState.READING:
        imports.keep(services.store, replace(row, state=ImportState.WAITING))
    uploads.count_leave(services.store, upload.number)
    _log.warning("Import %d waits (%s); it is tried again in %d s.", upload.number, reason, delay.pause_seconds)


def _run(services: Services, upload: Upload, teller: "_Teller") -> None:
    # A file without a name: what a manifest in it names leads nowhere, and a kill leaves no copy behind.
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
    failed = replace(now, state=ImportState.FAILED, error=Failure(detail, row.name), finished_at=services.clock())
    imports.keep(services.store, failed)


class _Teller:
    """Tells how far an import has come, once a second, and holds the lease meanwhile; told by the engine.

    Raises `StoppedError` and `TooLongError` out of the engine, whose every step can be taken again.
    """

    def __init__(self, services: Services, number: int, token: str, stopping: Callable[[], bool]) -> None:
        self._services = services
        self._number = number
        self._token = token
        self._stopping = stopping
        self._last = time.monotonic() - TELL_SECONDS
        self._end = time.monotonic() + LONGEST_SECONDS

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Take note of a step."""
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
        uploads.tell(self._services.store, self._number, ImportStep(phase=phase, done=done, total=total))
        liveness.give_sign(self._services, IMPORT)
