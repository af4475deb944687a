"""The mark of a store that is being restored, and what it permits.

    closing   nothing is known yet, and nothing was written: the store may be in use
    filling   the store was empty when it was closed; what is in it came from a restore, so it may be cleared
    opening   all is there; what is left to do is to let arrivals in again

The mark is the field `restoring` of `kumo:layout`, with the sum of the export. No service starts on a store that has
one. A service that runs already is kept out by a key in each partition, at which the scripts that record look.
"""

import secrets
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from kumo.errors import StoreUnsafeError
from kumo.store import export_table, keys
from kumo.store.client import LAYOUT_VERSION, Store
from kumo.store.commands import delete, set_, unlink
from kumo.store.export_table import SCAN_KEYS, Way
from kumo.store.partition import Partition

RESTORING: Final = "restoring"
KEPT: Final = (RESTORING, "keyed")
# However many partitions a service has that runs on the store.
PARTITIONS: Final = tuple(Partition(number) for number in range(256))
# Of a store in use so many keys are enough to say what is there.
MOST_NAMED: Final = 1000


class RestorePhase(StrEnum):
    """How far a restore has come."""

    CLOSING = "closing"
    FILLING = "filling"
    OPENING = "opening"


def begin(store: Store, export: str) -> bool:
    """Close a store to arrivals and mark it as being filled from an export with this sum.

    What an earlier restore left half done is removed. Returns False where an earlier one filled it from the same export
    and only did not open it. Raises `StoreUnsafeError` where the store is not empty, which is then as it was.
    """
    phase, known = _mark(store)
    if phase is RestorePhase.OPENING:
        if known == export:
            return False
        end(store)
    if phase is RestorePhase.FILLING:
        _set(store, RestorePhase.FILLING, export)
        _clear(store)
    else:
        _close_empty(store, export, closed=phase is RestorePhase.CLOSING)
    fields = [field for field in store.client.hkeys(keys.LAYOUT) if field.decode() not in KEPT]
    if fields:
        store.client.hdel(keys.LAYOUT, *fields)
    store.client.delete(keys.SWEPT)
    born: dict[str, str | int] = {
        "version": LAYOUT_VERSION,
        "partitions": len(store.partitions),
        "born": secrets.token_hex(8),
    }
    store.client.hset(keys.LAYOUT, mapping=born)
    return True


def complete(store: Store, export: str) -> None:
    """Mark that all is there."""
    _set(store, RestorePhase.OPENING, export)


def end(store: Store) -> None:
    """Let arrivals in again and take the mark away."""
    store.many(delete(partition.closed) for partition in PARTITIONS)
    store.client.hdel(keys.LAYOUT, RESTORING)


def _mark(store: Store) -> tuple[RestorePhase | None, str]:
    text = store.client.hget(keys.LAYOUT, RESTORING)
    phase, _, export = (text or b"").decode().partition(" ")
    return (RestorePhase(phase) if phase else None), export


def _set(store: Store, phase: RestorePhase, export: str) -> None:
    store.client.hset(keys.LAYOUT, RESTORING, f"{phase} {export}")


def _close_empty(store: Store, export: str, *, closed: bool) -> None:
    """Close the store, and look again: until then something may have arrived."""
    try:
        _refuse_what_is_there(store)
        _set(store, RestorePhase.CLOSING, export)
        closed = True
        store.many(set_(partition.closed, 1) for partition in PARTITIONS)
        _refuse_what_is_there(store)
    except StoreUnsafeError:
        if closed:
            end(store)
        raise
    _set(store, RestorePhase.FILLING, export)


def _refuse_what_is_there(store: Store) -> None:
    there: dict[str, None] = {}
    for number, key in enumerate(_contents(store)):
        row = export_table.row_of(key)
        there |= {row.holds: None} if row else {}
        if number == MOST_NAMED:
            break
    if there:
        raise StoreUnsafeError(
            f"The store is not empty, it holds {', '.join(sorted(there))}: a restore needs an empty one."
        )


def _contents(store: Store) -> Iterator[str]:
    """Yield the keys that make a store one that is not empty."""
    for key in export_table.scan_keys(store, keys.ROOT + "*"):
        row = export_table.row_of(key)
        if row is not None and row.way is not Way.LEFT_OUT and key != keys.LAYOUT:
            yield key


def _clear(store: Store) -> None:
    held: list[str] = []
    for key in _contents(store):
        held.append(key)
        if len(held) == SCAN_KEYS:
            store.many(map(unlink, held))
            held = []
    store.many(map(unlink, held))
