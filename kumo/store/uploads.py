"""Uploads: bills on their way from the web to an importer, which may be on another machine.

The bytes stand in pieces; the upload itself is written last, and from then on it is there. What a killed web process
leaves behind is pieces that nobody knows, and they end by themselves.
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
# Importers renew it every second; what one of them does between two looks takes a few seconds at most.
LEASE_MS: Final = 60_000
FIRST_PAUSE_SECONDS: Final = 5
LONGEST_PAUSE_SECONDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A bill that was uploaded: the number of its import, in how many pieces it stands, since when (ms).

    `choices` says how the bill is to be read: `Choices` of kumo.engine.imports.bill_reader. `token` is that of the room
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
    """How far an importer has come: "reading" in bytes, "recording" in entries, "judging" in partitions.

    `total` is 0 where nobody knows it.
    """

    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Delay:
    """What keeps an upload from being imported, which is no fault of the bill's, and how often it did so far."""

    detail: str
    times: int

    @property
    def pause_seconds(self) -> int:
        """How long nobody takes it up: twice as long each time, up to ten minutes."""
        return int(min(FIRST_PAUSE_SECONDS * 2 ** min(self.times - 1, 20), LONGEST_PAUSE_SECONDS))


def put(store: Store, number: int, file: IO[bytes]) -> int:
    """Write a file down in pieces, which end soon unless the upload is announced; returns how many they are."""
    count = 0
    while piece := file.read(PIECE_BYTES):
        store.client.set(keys.upload_piece(number, count), piece, ex=RESERVED_SECONDS)
        count += 1
    return count


def announce(store: Store, upload: Upload) -> None:
    """Write down that an upload is there, with all of its pieces, which are kept from now on."""
    store.many(expire(name, KEPT_SECONDS) for name in _pieces(upload))
    store.client.hset(keys.UPLOADS, str(upload.number), rows.dump(upload))


def waiting(store: Store) -> list[Upload]:
    """Return the uploads whose import is not over, the oldest first; someone may be working on one."""
    found = store.client.hgetall(keys.UPLOADS).items()
    return sorted((_read(int(number), text) for number, text in found), key=lambda upload: upload.number)


def free(store: Store, uploads: Iterable[Upload]) -> list[Upload]:
    """Return those uploads that nobody works on, and that are not put off."""
    asked = list(uploads)
    taken = leases.check_held(store, (keys.upload_lease(upload.number) for upload in asked), LEASE_MS)
    longest = LONGEST_PAUSE_SECONDS * 1000
    paused = leases.check_held(store, (keys.upload_pause(upload.number) for upload in asked), longest)
    return [upload for upload, *busy in zip(asked, taken, paused, strict=True) if not any(busy)]


def copy(store: Store, upload: Upload, into: IO[bytes]) -> bool:
    """Copy an upload's bytes into a file; False where a piece of them is gone."""
    for place in range(upload.pieces):
        piece = store.client.get(keys.upload_piece(upload.number, place))
        if piece is None:
            return False
        into.write(piece)
    return True


def drop(store: Store, upload: Upload) -> None:
    """Forget an upload, its pieces first: one that is cut off half way can be dropped again."""
    number = upload.number
    names = [*_pieces(upload), keys.upload_step(number), keys.upload_tries(number)]
    names += [keys.upload_delay(number), keys.upload_pause(number)]
    store.many(map(unlink, names))
    room.release(store, upload.token, upload.size)
    store.client.hdel(keys.UPLOADS, upload.number)


def find(store: Store, number: int) -> Upload | None:
    """Return the upload of an import that is not over, or None."""
    text = store.client.hget(keys.UPLOADS, str(number))
    return _read(number, text) if text else None


def _read(number: int, text: bytes) -> Upload:
    return rows.load(Upload, text, f"{keys.UPLOADS} {number}")


def withdraw(store: Store, number: int) -> None:
    """Tell whoever works on an upload that nobody wants it any more."""
    store.client.set(keys.upload_withdrawn(number), "1", ex=KEPT_SECONDS)


def is_withdrawn(store: Store, number: int) -> bool:
    """Tell whether nobody wants an upload any more."""
    return bool(store.client.exists(keys.upload_withdrawn(number)))


def _pieces(upload: Upload) -> list[str]:
    return [keys.upload_piece(upload.number, place) for place in range(upload.pieces)]


def put_off(store: Store, upload: Upload, detail: str) -> Delay:
    """Let nobody take up an upload for a while, and keep it for another day; returns what is written down of it."""
    known = delays(store, [upload.number])[upload.number]
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


def delays(store: Store, numbers: Iterable[int]) -> dict[int, Delay | None]:
    """Return what put off some uploads; None where nothing did."""
    asked = list(numbers)
    texts = store.many(get(keys.upload_delay(number)) for number in asked)
    return {number: _read_delay(text) if text else None for number, text in zip(asked, texts, strict=True)}


def _read_delay(text: bytes) -> Delay:
    detail, times, *_ = json.loads(text)
    return Delay(detail=detail, times=times)


def count_begin(store: Store, number: int) -> int:
    """Count that an importer begins an upload; returns how many have."""
    return _count(store, number, 1)


def count_leave(store: Store, number: int) -> None:
    """Take that back: the importer stopped in good order."""
    _count(store, number, -1)


def _count(store: Store, number: int, by: int) -> int:
    name = keys.upload_tries(number)
    # The time with each: where another has finished the upload meanwhile, the key is made anew.
    tries, _ = store.many([incrby(name, by), expire(name, KEPT_SECONDS)])
    return int(tries)


def tell(store: Store, number: int, step: ImportStep) -> None:
    """Write down how far an importer has come."""
    store.client.set(keys.upload_step(number), json.dumps([step.phase, step.done, step.total]), px=LEASE_MS)


def steps(store: Store, numbers: Iterable[int]) -> dict[int, ImportStep | None]:
    """Return how far the importers of some imports have come; None where nobody works on one."""
    asked = list(numbers)
    texts = store.many(get(keys.upload_step(number)) for number in asked)
    return {number: _read_step(text) if text else None for number, text in zip(asked, texts, strict=True)}


def _read_step(text: bytes) -> ImportStep:
    phase, done, total, *_ = json.loads(text)
    return ImportStep(phase=phase, done=done, total=total)
