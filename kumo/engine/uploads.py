"""Uploads: a bill that came over HTTP waits in the store until an importer takes it up.

An upload is acknowledged once it stands in the store, and stays until its import is over. Importers work on one each,
under a lease that ends with them, so whatever is killed, another goes on: the engine makes no difference between an
import that is begun again and one that never was.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from tempfile import TemporaryFile
from typing import IO, Any, Final

import redis

from kumo.domain.imports import Failure, Import, State
from kumo.engine import importing, listing, liveness
from kumo.engine.reading import Choices
from kumo.engine.views import Page, Query
from kumo.jobs import IMPORT
from kumo.services import Services
from kumo.store import imports, keys, leases, uploads
from kumo.store.uploads import LEASE_MS, Step, Upload
from kumo.store.walk import Position

# An upload travels through Redis; what is larger is imported by the command, beside the store. Apart from
# KUMO_MAX_BODY_BYTES, which bounds what a request holds in memory.
MAX_UPLOAD: Final = 64 << 20
# Real bills of that size stay well below each. What is more is imported by the command, which takes more of everything.
_LIMITS: Final = {"max_bytes": 64 * MAX_UPLOAD, "max_records": 10_000_000, "max_totals": 500_000}
UNNAMED: Final = "the upload"
TELL_SECONDS: Final = 1.0
# Less than what kumo.jobs gives a job.
LONGEST_SECONDS: Final = 3000.0

# A bill that takes its importer down with it must not do so for ever: others wait behind it.
MOST_TRIES: Final = 5

_GONE: Final = "waited for more than a day, and its bytes are gone: see that an importer runs, and upload it again"
_LONG: Final = "takes longer than 50 minutes: import it with `python -m kumo import` on a machine beside the store"
_DEADLY: Final = (
    f"was begun {MOST_TRIES} times and never came to its end: see in the importer's log whether it ran out of memory "
    "or lost Redis, or import it with `python -m kumo import`"
)
_FAULT: Final = "could not be imported: this is a fault of the service, and it is in the importer's log"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """An import as it is shown: with how far it has come, while someone works on an upload."""

    row: Import
    step: Step | None = None


class StoppedError(Exception):
    """The importer was asked to stop, or another has taken over; the import goes on from the start elsewhere."""


class TooLongError(Exception):
    """The import takes longer than a job may."""


def receive(services: Services, file: IO[bytes], name: str, choices: Choices) -> Standing:
    """Take in a bill, read to its end in pieces: once this returns, it will be imported."""
    store = services.store
    number = imports.next_number(store)
    pieces = uploads.put(store, number, file)
    services.reach("upload.pieces")
    upload = Upload(number, name, pieces, services.clock(), _written(choices))
    uploads.announce(store, upload)
    services.reach("upload.announced")
    row = _announced(services, upload)
    services.jobs.import_()
    return Standing(row)


def ask(services: Services) -> None:
    """Ask for a job where an upload waits that nobody works on."""
    if uploads.free(services.store, uploads.waiting(services.store)):
        services.jobs.import_()


def work(services: Services, stopping: Callable[[], bool]) -> None:
    """Import one upload that nobody works on, if there is one; leaves it to another where `stopping` says so.

    Raises what Redis raises: the upload is then taken up again once the lease has ended.
    """
    token = services.token()
    upload = _taken(services, token)
    if upload is None:
        return
    ask(services)
    try:
        _import(services, upload, _Teller(services, upload.number, token, stopping))
    except StoppedError:
        uploads.left(services.store, upload.number)
        _log.info("Import %d stops here and goes on later.", upload.number)
    finally:
        leases.release(services.store, keys.upload_lease(upload.number), token)
    ask(services)


def find(services: Services, import_id: str) -> Standing:
    """Return one import with how far it has come; raises `NotFoundError`."""
    return _standing(services, [importing.find(services, import_id)])[0]


def listed(services: Services, query: Query) -> Page[Standing]:
    """Return a page of imports, by number."""

    def load(places: Sequence[Position]) -> list[Standing | None]:
        rows = imports.read(services.store, [place.time for place in places])
        found = {standing.row.number: standing for standing in _standing(services, rows)}
        return [found.get(place.time) for place in places]

    # Numbered in the order in which they began, they stand in the place of times.
    numbers = [Position(number, str(number)) for number in imports.numbers(services.store)]
    return listing.fill(query, [listing.after(numbers, query)], load, every=True)


def _standing(services: Services, rows: Sequence[Import]) -> list[Standing]:
    steps = uploads.steps(services.store, [row.number for row in rows if not row.over])
    return [Standing(row, steps.get(row.number)) for row in rows]


def _taken(services: Services, token: str) -> Upload | None:
    """Take the lease on the oldest upload that nobody works on."""
    for upload in uploads.free(services.store, uploads.waiting(services.store)):
        if leases.take(services.store, keys.upload_lease(upload.number), token, LEASE_MS):
            return upload
    return None


def _import(services: Services, upload: Upload, teller: "_Teller") -> None:
    row = _announced(services, upload)
    if not row.over and uploads.begun(services.store, upload.number) > MOST_TRIES:
        _fail(services, row, _DEADLY)
    elif not row.over:
        try:
            _run(services, upload, teller)
        except (StoppedError, redis.RedisError):
            raise
        except TooLongError:
            _fail(services, row, _LONG)
        except Exception:  # noqa: BLE001 - tried again and again, it would keep all others waiting
            _log.exception("Import %d failed.", upload.number)
            _fail(services, row, _FAULT)
    services.reach("upload.imported")
    uploads.drop(services.store, upload)


def _run(services: Services, upload: Upload, teller: "_Teller") -> None:
    # A file without a name: what a manifest in it names leads nowhere, and a kill leaves no copy behind.
    with TemporaryFile(prefix="kumo-upload-") as file:
        if not uploads.copy(services.store, upload, file):
            _fail(services, importing.find(services, str(upload.number)), _GONE)
            return
        file.seek(0)
        name = upload.name or UNNAMED
        importing.run(services, file, name, _read(upload.choices), teller, upload.number)


def _announced(services: Services, upload: Upload) -> Import:
    """Return the import of an upload, as far as it has come; whoever asks first writes it down."""
    row = Import(upload.number, upload.name or UNNAMED, started_at=upload.received_at)
    return imports.announce(services.store, row)


def _fail(services: Services, row: Import, detail: str) -> None:
    now = imports.find(services.store, row.number) or row
    failed = replace(now, state=State.FAILED, error=Failure(detail, row.name), finished_at=services.clock())
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
            raise StoppedError
        now = time.monotonic()
        if now >= self._end:
            raise TooLongError
        if now - self._last < TELL_SECONDS:
            return
        self._last = now
        if not leases.renew(self._services.store, keys.upload_lease(self._number), self._token, LEASE_MS):
            raise StoppedError
        uploads.tell(self._services.store, self._number, Step(phase, done, total))
        liveness.give_sign(self._services, IMPORT)


def _written(choices: Choices) -> dict[str, Any]:
    values = asdict(choices)
    for name in _LIMITS:
        del values[name]
    return values | {"detect": sorted(choices.detect)}


def _read(values: Any) -> Choices:  # noqa: ANN401 - read from JSON
    return Choices(**values | {"detect": frozenset(values["detect"])} | _LIMITS)
