"""Imports: one document each, and which one has which bill."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kumo.domain.imports import Failure, Import, Part, Scope, State
from kumo.store import keys
from kumo.store.client import Store


def next_number(store: Store) -> int:
    """Take the next number: the higher of two prevails."""
    return int(store.client.incr(keys.IMPORT_NUMBER))


def announce(store: Store, row: Import) -> Import:
    """Write an import down unless it is known already; returns it as it stands."""
    store.client.hsetnx(keys.IMPORTS, row.id, _written(row))
    return find(store, row.number) or row


def keep(store: Store, row: Import) -> None:
    """Write an import down as it stands, and count it once where it is over."""
    names = [keys.IMPORTS, keys.IMPORTS_ENDED]
    store.scripts.run("keep_import", names, [row.id, _written(row), row.state if row.over else ""])


def tie(store: Store, row: Import) -> None:
    """Remember that this import has the bill with this fingerprint."""
    store.client.hset(keys.IMPORT_BILLS, row.fingerprint, row.number)


def find(store: Store, number: int) -> Import | None:
    """Return one import, or None."""
    text = store.client.hget(keys.IMPORTS, str(number))
    return _read(text) if text else None


def find_states(store: Store, numbers: Sequence[int]) -> list[State]:
    """Return the states of imports, in order; those of no import are left out."""
    texts = store.client.hmget(keys.IMPORTS, list(map(str, numbers))) if numbers else []
    return [_read(text).state for text in texts if text]


def count_ended(store: Store) -> dict[State, int]:
    """Return how many imports have come to each end; one that was done and then forgotten came to two."""
    return {State(state.decode()): int(count) for state, count in store.client.hgetall(keys.IMPORTS_ENDED).items()}


def with_bill(store: Store, fingerprint: str) -> Import | None:
    """Return the import that has a bill, or None."""
    number = store.client.hget(keys.IMPORT_BILLS, fingerprint)
    return find(store, int(number)) if number else None


def numbers(store: Store) -> list[int]:
    """Return the numbers of all imports, in no order."""
    return [int(number) for number in store.client.hkeys(keys.IMPORTS)]


def read(store: Store, wanted: Sequence[int]) -> list[Import]:
    """Return imports by number, in order; those that are gone are left out."""
    texts = store.client.hmget(keys.IMPORTS, list(map(str, wanted))) if wanted else []
    return [_read(text) for text in texts if text]


def _written(row: Import) -> str:
    return json.dumps(asdict(row), ensure_ascii=False, separators=(",", ":"))


def _read(text: bytes) -> Import:
    values: dict[str, Any] = json.loads(text)
    parts = {name: _part(values[name]) for name in ("added", "removed", "changed", "unchanged")}
    return Import(
        **values
        | parts
        | {
            "state": State(values["state"]),
            "scopes": tuple(Scope(**scope) for scope in values["scopes"]),
            "notes": tuple(values["notes"]),
            "error": Failure(**values["error"]) if values["error"] else None,
        }
    )


def _part(values: Mapping[str, Any]) -> Part:
    return Part(values["entries"], values["money"])
