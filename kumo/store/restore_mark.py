"""The mark of a store that is being restored, and what each phase allows.

    closing   nothing was written yet: the store may be in use
    filling   the store was empty when it was closed; its content came from a restore, so it may be cleared
    opening   everything is there; the store only has to accept arrivals again

The mark is the field `restoring` of `kumo:layout`, with the checksum of the export. No service starts on a store with
the mark. In each partition a key stops running services: the scripts that record check it.
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
# An upper limit for the partitions of any service on the store.
PARTITIONS: Final = tuple(Partition(number) for number in range(256))
# These keys are enough to describe a store in use.
MOST_NAMED: Final = 1000


class RestorePhase(StrEnum):
    """The phase of a restore."""

    CLOSING = "closing"
    FILLING = "filling"
    OPENING = "opening"


def begin(store: Store, export: str) -> bool:
    """Close a store to arrivals and mark it as being filled from an export with this checksum.

    The data of an interrupted restore is removed. Returns False if an earlier restore filled the store from the same
    export but did not open it. Raises `StoreUnsafeError` if the store is not empty; then it does not change.
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
    """Mark the restore as complete."""
    _set(store, RestorePhase.OPENING, export)


def end(store: Store) -> None:
    """Accept arrivals again and remove the mark."""
    store.many(delete(partition.closed) for partition in PARTITIONS)
    store.client.hdel(keys.LAYOUT, RESTORING)


def _mark(store: Store) -> tuple[RestorePhase | None, str]:
    text = store.client.hget(keys.LAYOUT, RESTORING)
    phase, _, export = (text or b"").decode().partition(" ")
    return (RestorePhase(phase) if phase else None), export


def _set(store: Store, phase: RestorePhase, export: str) -> None:
    store.client.hset(keys.LAYOUT, RESTORING, f"{phase} {export}")


def _close_empty(store: Store, export: str, *, closed: bool) -> None:
    """Close the store, and check again: something may have arrived in between."""
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
    """Yield the keys that make a store not empty."""
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
