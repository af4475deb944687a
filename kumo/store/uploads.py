"""Uploads: bills on their way from the web to an importer, which may be on another machine.

The bytes are stored in pieces; the upload itself is written last, and exists from then on. A killed web process
leaves only pieces without an upload, and they expire.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any, Final

from kumo.store import keys, leases, room, rows
from kumo.store.client import Store
from kumo.store.commands import expire, get, incrby, set_, unlink
from kumo.store.room import KEPT_SECONDS, RESERVED_SECONDS

PIECE_BYTES: Final = 1 << 20
# Importers renew it every second; the work between two renewals takes at most a few seconds.
LEASE_MS: Final = 60_000
FIRST_PAUSE_SECONDS: Final = 5
LONGEST_PAUSE_SECONDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An uploaded bill: the number of its import, its number of pieces, and its time of arrival (ms).

    `choices` are the options of reading: `Choices` of kumo.engine.imports.choices. `token` is that of the room
    reserved for its `size` in bytes.
    """

    number: int
    name: str
    pieces: int
    received_at: int
    choices: dict[str, Any]
    token: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStep:
    """The progress of an importer: "reading" in bytes, "recording" in entries, "judging" in partitions.

    `total` is 0 if unknown.
    """

    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Delay:
    """Why an upload was deferred (not the fault of the bill), and how often."""

    detail: str
    times: int

    @property
    def pause_seconds(self) -> int:
        """The pause until the next try: twice as long each time, up to ten minutes."""
        return int(min(FIRST_PAUSE_SECONDS * 2 ** min(self.times - 1, 20), LONGEST_PAUSE_SECONDS))


def put(store: Store, number: int, file: IO[bytes]) -> int:
    """Store a file in pieces, which expire unless the upload is announced; return their number."""
    count = 0
    while piece := file.read(PIECE_BYTES):
        store.client.set(keys.upload_piece(number, count), piece, ex=RESERVED_SECONDS)
        count += 1
    return count


def announce(store: Store, upload: Upload) -> None:
    """Store an upload with all of its pieces, which no longer expire soon."""
    store.many(expire(name, KEPT_SECONDS) for name in _pieces(upload))
    store.client.hset(keys.UPLOADS, str(upload.number), rows.dump(upload))


def waiting(store: Store) -> list[Upload]:
    """Return the uploads whose import has not ended, oldest first, including those in progress."""
    found = store.client.hgetall(keys.UPLOADS).items()
    return sorted((_read(int(number), text) for number, text in found), key=lambda upload: upload.number)


def free(store: Store, uploads: Iterable[Upload]) -> list[Upload]:
    """Return those uploads that no importer works on and that are not deferred."""
    asked = list(uploads)
    taken = leases.check_held(store, (keys.upload_lease(upload.number) for upload in asked), LEASE_MS)
    longest = LONGEST_PAUSE_SECONDS * 1000
    paused = leases.check_held(store, (keys.upload_pause(upload.number) for upload in asked), longest)
    return [upload for upload, *busy in zip(asked, taken, paused, strict=True) if not any(busy)]


def copy(store: Store, upload: Upload, into: IO[bytes]) -> bool:
    """Copy an upload's bytes into a file; return False if a piece is missing."""
    for place in range(upload.pieces):
        piece = store.client.get(keys.upload_piece(upload.number, place))
        if piece is None:
            return False
        into.write(piece)
    return True


def drop(store: Store, upload: Upload) -> None:
    """Remove an upload, its pieces first: an interrupted removal can be repeated."""
    number = upload.number
    names = [*_pieces(upload), keys.upload_step(number), keys.upload_tries(number)]
    names += [keys.upload_delay(number), keys.upload_pause(number)]
    store.many(map(unlink, names))
    room.release(store, upload.token, upload.size)
    store.client.hdel(keys.UPLOADS, upload.number)


def find(store: Store, number: int) -> Upload | None:
    """Return the upload of an import that has not ended, or None."""
    text = store.client.hget(keys.UPLOADS, str(number))
    return _read(number, text) if text else None


def _read(number: int, text: bytes) -> Upload:
    return rows.load(Upload, text, f"{keys.UPLOADS} {number}")


def withdraw(store: Store, number: int) -> None:
    """Mark an upload as forgotten, so that its importer stops."""
    store.client.set(keys.upload_withdrawn(number), "1", ex=KEPT_SECONDS)


def is_withdrawn(store: Store, number: int) -> bool:
    """Return whether an upload was forgotten."""
    return bool(store.client.exists(keys.upload_withdrawn(number)))


def _pieces(upload: Upload) -> list[str]:
    return [keys.upload_piece(upload.number, place) for place in range(upload.pieces)]


def defer(store: Store, upload: Upload, detail: str) -> Delay:
    """Defer an upload, and keep it for another day; return the stored delay."""
    known = read_delays(store, [upload.number])[upload.number]
    delay = Delay(detail, known.times + 1 if known else 1)
    text = json.dumps([delay.detail, delay.times], ensure_ascii=False)
    if upload.token:
        room.reserve(store, upload.token, upload.size, sys.maxsize, KEPT_SECONDS)
    store.many(
        [
            *(expire(name, KEPT_SECONDS) for name in _pieces(upload)),
            set_(keys.upload_delay(upload.number), text, "EX", KEPT_SECONDS),
            set_(keys.upload_pause(upload.number), "1", "EX", delay.pause_seconds),
        ]
    )
    return delay


def read_delays(store: Store, numbers: Iterable[int]) -> dict[int, Delay | None]:
    """Return the delays of some uploads, None without one."""
    asked = list(numbers)
    texts = store.many(get(keys.upload_delay(number)) for number in asked)
    return {number: _read_delay(text) if text else None for number, text in zip(asked, texts, strict=True)}


def _read_delay(text: bytes) -> Delay:
    detail, times, *_ = json.loads(text)
    return Delay(detail=detail, times=times)


def count_begin(store: Store, number: int) -> int:
    """Count that an importer begins an upload; return how many have."""
    return _count(store, number, 1)


def count_leave(store: Store, number: int) -> None:
    """Take that count back: the importer stopped in an orderly way."""
    _count(store, number, -1)


def _count(store: Store, number: int, by: int) -> int:
    name = keys.upload_tries(number)
    # The time is set again, because the key is new if another importer has ended the upload meanwhile.
    tries, _ = store.many([incrby(name, by), expire(name, KEPT_SECONDS)])
    return int(tries)


def save_step(store: Store, number: int, step: ImportStep) -> None:
    """Store the progress of an importer."""
    store.client.set(keys.upload_step(number), json.dumps([step.phase, step.done, step.total]), px=LEASE_MS)


def read_steps(store: Store, numbers: Iterable[int]) -> dict[int, ImportStep | None]:
    """Return the progress of some imports; None if no importer works on one."""
    asked = list(numbers)
    texts = store.many(get(keys.upload_step(number)) for number in asked)
    return {number: _read_step(text) if text else None for number, text in zip(asked, texts, strict=True)}


def _read_step(text: bytes) -> ImportStep:
    phase, done, total, *_ = json.loads(text)
    return ImportStep(phase=phase, done=done, total=total)
