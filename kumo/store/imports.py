"""Imports: one document each, and the import of each bill."""

from collections.abc import Sequence

from kumo.domain.imports import Import, ImportStatus
from kumo.store import keys, rows
from kumo.store.client import Store


def next_number(store: Store) -> int:
    """Take the next number; of two imports, the higher number wins."""
    return int(store.client.incr(keys.IMPORT_NUMBER))


def announce(store: Store, row: Import) -> Import:
    """Store an import unless it exists; return the stored one."""
    store.client.hsetnx(keys.IMPORTS, row.id, rows.dump(row))
    return find(store, row.number) or row


def save(store: Store, row: Import) -> None:
    """Store an import, and count it once when it has ended."""
    names = {"imports": keys.IMPORTS, "ended": keys.IMPORTS_ENDED}
    status = row.status if row.over else ""
    store.scripts.run("store_import", names, number=row.id, text=rows.dump(row), status=status)


def remember_bill(store: Store, row: Import) -> None:
    """Store that this import has the bill with this fingerprint."""
    store.client.hset(keys.IMPORT_BILLS, row.fingerprint, row.number)


def find(store: Store, number: int) -> Import | None:
    """Return one import, or None."""
    return next(iter(read(store, [number])), None)


def find_statuses(store: Store, numbers: Sequence[int]) -> list[ImportStatus]:
    """Return the statuses of imports, in order; missing ones are left out."""
    return [row.status for row in read(store, numbers)]


def count_ended(store: Store) -> dict[ImportStatus, int]:
    """Return how many imports ended in each status; one that was done and then forgotten counts in both."""
    counts = store.client.hgetall(keys.IMPORTS_ENDED)
    return {rows.member(ImportStatus, status.decode()): int(count) for status, count in counts.items()}


def find_by_bill(store: Store, fingerprint: str) -> Import | None:
    """Return the import of a bill, or None."""
    number = store.client.hget(keys.IMPORT_BILLS, fingerprint)
    return find(store, int(number)) if number else None


def numbers(store: Store) -> list[int]:
    """Return the numbers of all imports, unordered."""
    return [int(number) for number in store.client.hkeys(keys.IMPORTS)]


def read(store: Store, wanted: Sequence[int]) -> list[Import]:
    """Return imports by number, in order; missing ones are left out. Raise `StoredRowError`."""
    texts = store.client.hmget(keys.IMPORTS, list(map(str, wanted))) if wanted else []
    found = zip(wanted, texts, strict=True)
    return [rows.load(Import, text, f"{keys.IMPORTS} {number}") for number, text in found if text]
