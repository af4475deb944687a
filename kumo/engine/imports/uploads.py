"""Uploads: a bill from HTTP waits in the store until an importer imports it.

An upload is acknowledged once it is stored, and stays until its import has ended.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from typing import IO, Any, Final

import redis

from kumo.domain.imports import Import, ImportStatus
from kumo.domain.paging import Position
from kumo.engine.imports import lifecycle
from kumo.engine.imports.choices import Choices
from kumo.engine.queries import listing
from kumo.engine.queries.views import Page, Query
from kumo.errors import NoRoomError
from kumo.services import Services
from kumo.store import imports, keys, room, rows, uploads
from kumo.store.room import KEPT_SECONDS, RESERVED_SECONDS
from kumo.store.uploads import Delay, ImportStep, Upload

# An upload passes through Redis; larger bills need the command, near the store. Separate from
# KUMO_MAX_BODY_BYTES, which limits what a request holds in memory.
MAX_UPLOAD: Final = 64 << 20
# Real bills of that size stay well below each limit. For larger bills use the command, which has higher limits.
_LIMITS: Final = {"max_bytes": 64 * MAX_UPLOAD, "max_records": 10_000_000, "max_totals": 500_000}
UNNAMED: Final = "the upload"


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """An import as shown; for an upload also its progress and the reason of its deferral."""

    row: Import
    step: ImportStep | None = None
    delay: Delay | None = None


@dataclass(slots=True)
class Reservation:
    """The reserved room of an upload while it is received; it stays reserved once the upload `is_kept`."""

    token: str
    size: int
    is_kept: bool = False


@contextmanager
def reserve_room(services: Services, length: int | None) -> Iterator[Reservation]:
    """Reserve room for an upload before receiving it; the largest size if the length is unknown.

    Raises `NoRoomError` if too much waits already.
    """
    largest = largest_upload(services)
    reserved = Reservation(services.token(), min(length or largest, largest))
    _reserve(services, reserved.token, reserved.size, RESERVED_SECONDS)
    try:
        yield reserved
    finally:
        if not reserved.is_kept:
            with suppress(redis.RedisError):  # it expires by itself
                room.release(services.store, reserved.token, reserved.size)


def largest_upload(services: Services) -> int:
    """Return the largest size of an upload in bytes."""
    return min(MAX_UPLOAD, services.settings.max_waiting_bytes)


def _reserve(services: Services, token: str, size: int, seconds: int) -> None:
    most = services.settings.max_waiting_bytes
    others = room.reserve(services.store, token, size, most, seconds)
    if others is None:
        return
    if others.uploads >= room.MOST_UPLOADS:
        raise NoRoomError(f"{others.uploads} bills wait to be imported, which is the limit: send this one later.")
    raise NoRoomError(
        f"{others.bytes} bytes of bills wait to be imported, and KUMO_MAX_WAITING_BYTES is {most}: send this one later."
    )


def receive(services: Services, file: IO[bytes], name: str, choices: Choices, reserved: Reservation) -> ImportProgress:
    """Receive a bill, read to its end in pieces: once this returns, it will be imported."""
    store = services.store
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    number = imports.next_number(store)
    pieces = uploads.put(store, number, file)
    services.failpoint("upload.pieces")
    upload = Upload(
        number=number,
        name=name,
        pieces=pieces,
        received_at=services.clock(),
        choices=_dump_choices(choices),
        token=reserved.token,
        size=size,
    )
    _reserve(services, reserved.token, size, KEPT_SECONDS)
    reserved.is_kept = True
    uploads.announce(store, upload)
    services.failpoint("upload.announced")
    row = announce(services, upload)
    services.jobs.import_()
    return ImportProgress(row)


def enqueue(services: Services) -> None:
    """Enqueue a job if an upload waits that no importer works on."""
    if uploads.free(services.store, uploads.waiting(services.store)):
        services.jobs.import_()


def find(services: Services, import_id: str) -> ImportProgress:
    """Return one import and its progress; raise `NotFoundError`."""
    return _standing(services, [lifecycle.find(services, import_id)])[0]


def list_uploads(services: Services, query: Query) -> Page[ImportProgress]:
    """Return a page of imports, by number."""

    def load(places: Sequence[Position]) -> list[ImportProgress | None]:
        rows = imports.read(services.store, [place.time for place in places])
        found = {standing.row.number: standing for standing in _standing(services, rows)}
        return [found.get(place.time) for place in places]

    # Their numbers are in order of their beginning, so they serve as times.
    numbers = [Position(number, str(number)) for number in imports.numbers(services.store)]
    return listing.fill(query, [listing.after(numbers, query)], load, every=True)


def forget(services: Services, import_id: str) -> ImportProgress:
    """Forget an import, also one that waits or is being read; raise `NotFoundError` and `ConflictError`.

    Its importer stops within seconds, and removes the entries that it recorded until then.
    """
    row = lifecycle.find(services, import_id)
    upload = uploads.find(services.store, row.number)
    if upload is None or row.status not in {ImportStatus.WAITING, ImportStatus.READING}:
        return ImportProgress(lifecycle.forget(services, import_id))
    uploads.withdraw(services.store, row.number)
    forgotten = replace(row, status=ImportStatus.FORGOTTEN, finished_at=services.clock())
    imports.save(services.store, forgotten)
    uploads.drop(services.store, upload)
    return ImportProgress(forgotten)


def _standing(services: Services, rows: Sequence[Import]) -> list[ImportProgress]:
    unfinished = [row.number for row in rows if not row.over]
    steps, delays = uploads.read_steps(services.store, unfinished), uploads.read_delays(services.store, unfinished)
    return [ImportProgress(row, steps.get(row.number), delays.get(row.number)) for row in rows]


def announce(services: Services, upload: Upload) -> Import:
    """Return the import of an upload with its progress; the first caller stores it."""
    row = Import(upload.number, upload.name or UNNAMED, started_at=upload.received_at)
    return imports.announce(services.store, row)


def _dump_choices(choices: Choices) -> dict[str, Any]:
    values = asdict(choices)
    for name in _LIMITS:
        del values[name]
    return values | {"detect": sorted(choices.detect)}


def read(upload: Upload) -> Choices:
    """Return the options of an upload, within the limits of uploads; raise `StoredRowError`."""
    return rows.build(Choices, upload.choices | _LIMITS, f"{keys.UPLOADS} {upload.number}: choices")
