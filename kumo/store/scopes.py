"""Scopes: which import may write to one, its entries, and replacing them."""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from kumo.domain.entries import RESERVED, Entry
from kumo.domain.imports import Scope
from kumo.domain.names import compare_name
from kumo.store import answers, codec, entry_codec, keys, rows
from kumo.store.client import Store
from kumo.store.commands import hget, hgetall, hset
from kumo.store.entries import WAKE_MS
from kumo.store.partition import Partition
from kumo.store.signatures import Row
from kumo.store.tag_sets import TagSets

# The same as a recording call: a few milliseconds of Redis.
CALL_ROWS: Final = 200
CALL_SCOPES: Final = 500


class Place(NamedTuple):
    """The place of an entry in a scope: its series and its start in ms. Each place has at most one entry."""

    series_id: str
    start: int


class Held(NamedTuple):
    """An entry of a scope: its number, the import that wrote it last, the one that changed it last."""

    seq: int
    writer: int
    changer: int


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """The wanted entry at one place of a scope, or None."""

    scope: str
    place: Place
    entry: Entry | None


class Overtaken(Exception):  # noqa: N818 - an answer of the script, not a failure
    """A scope is claimed under a higher number."""

    def __init__(self, number: int) -> None:
        """Keep the number that has the claim."""
        super().__init__(number)
        self.number = number


@lru_cache(maxsize=10_000)
def name_of(scope: Scope) -> str:
    """Return the name of a scope in keys: 80 bits of the SHA-256 of its fields, so that names need no coordination.

    All spellings of an account give the same name.
    """
    return _digest(scope.format, scope.source, scope.billing_account, scope.account, scope.period)


@lru_cache(maxsize=10_000)
def bill_of(scope: Scope) -> str:
    """Return the name of the bill of a scope: all accounts of one billing account in one period, from one source."""
    return _digest(scope.format, scope.source, scope.billing_account, scope.period)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(list(map(compare_name, parts))).encode()).hexdigest()[:20]


def remember_accounts(store: Store, scopes: Mapping[str, Scope]) -> None:
    """Store which accounts the bills of some scopes have."""
    bills: dict[str, dict[str, str]] = {}
    for name, scope in scopes.items():
        bills.setdefault(bill_of(scope), {})[name] = rows.dump(scope)
    store.many(
        hset(keys.bill_accounts(bill), *(part for field in fields.items() for part in field))
        for bill, fields in bills.items()
    )


def accounts(store: Store, bills: Iterable[str]) -> dict[str, Scope]:
    """Return the scopes of bills, by name: one for each account that was ever imported."""
    return _read_scopes(store, map(keys.bill_accounts, bills))


def _read_scopes(store: Store, wanted: Iterable[str]) -> dict[str, Scope]:
    names = list(wanted)
    found = zip(names, store.many(map(hgetall, names)), strict=True)
    return {name.decode(): rows.load(Scope, text, key) for key, answer in found for name, text in answer.items()}


def account_of(provider: str, account: str) -> str:
    """Return the name of an account in keys, for any format."""
    return _digest(provider, account)


def remember_holders(store: Store, holders: Mapping[str, Mapping[str, Scope]]) -> None:
    """Store by account, as named by `account_of`, which scopes may hold costs of it."""
    store.many(
        hset(keys.account_scopes(account), *(part for name, scope in held.items() for part in (name, rows.dump(scope))))
        for account, held in holders.items()
    )


def of_accounts(store: Store, accounts: Iterable[str]) -> dict[str, Scope]:
    """Return the scopes that may hold costs of accounts, by name."""
    return _read_scopes(store, map(keys.account_scopes, accounts))


def external_id(scope: str, start: int) -> str:
    """Return the external id of a scope's entry; it is unique within its series."""
    return f"{RESERVED}{scope}:{start}"


def claim(store: Store, number: int, scopes: Sequence[str], since: int) -> None:
    """Claim scopes in every partition; raise `Overtaken`, which may leave them claimed in some.

    From then on the scripts refuse writes of a lower number. The retention stops before `since`
    (ms), the start of the first day to write, until `kumo.store.watermarks.release` is called, or for a week.
    """
    for partition in store.partitions:
        for start in range(0, len(scopes), CALL_SCOPES):
            chunk = scopes[start : start + CALL_SCOPES]
            found = store.scripts.run("claim_scopes", partition, number=number, since=since, scopes=chunk)
            holder = answers.number(found)
            if holder:
                raise Overtaken(holder)


def holders(store: Store, scope: str) -> set[int]:
    """Return the numbers under which a scope is claimed, over all partitions; 0 if it is not."""
    return {int(found or 0) for found in store.many(hget(p.scopes, scope) for p in store.partitions)}


def list_known(store: Store, partition: Partition) -> list[str]:
    """Return every scope that was ever claimed in a partition."""
    return [name.decode() for name in store.client.hkeys(partition.scopes)]


def read_held(store: Store, scopes: Iterable[str]) -> dict[str, dict[Place, Held]]:
    """Return the entries of scopes, by scope."""
    names = list(scopes)
    rounds = iter(store.many(hgetall(p.scope + name) for name in names for p in store.partitions))
    found: dict[str, dict[Place, Held]] = {}
    for name in names:
        found[name] = {}
        for _ in store.partitions:
            found[name].update(_read_rows(next(rounds)))
    return found


def read_held_in(store: Store, partition: Partition, scope: str) -> dict[Place, Held]:
    """Return the entries of a scope in one partition."""
    return _read_rows(store.client.hgetall(partition.scope + scope))


def find_named(store: Store, partition: Partition, scopes: Container[str]) -> dict[tuple[str, str], int]:
    """Return, by series and external id, the entries of a partition whose names belong to one of the scopes."""
    found: dict[tuple[str, str], int] = {}
    for name in store.client.hkeys(partition.series):
        series_id = name.decode()
        for external, seq in store.client.hgetall(partition.external + series_id).items():
            text = external.decode()
            if text.startswith(RESERVED) and text.removeprefix(RESERVED).partition(":")[0] in scopes:
                found[series_id, text] = int(seq)
    return found


def _read_rows(fields: Mapping[bytes, bytes]) -> dict[Place, Held]:
    found = {}
    for field, text in fields.items():
        series_id, _, start = field.decode().partition(":")
        seq, writer, changer = map(int, text.split(b" ")[:3])
        found[Place(series_id, int(start))] = Held(seq=seq, writer=writer, changer=changer)
    return found


def replace(
    store: Store, partition: Partition, number: int, wanted: Sequence[PlannedEntry], quiet_before: int = 0
) -> tuple[int, bool]:
    """Write the wanted entries of scopes of one partition, under a claim; a repeat changes nothing.

    Days past the retention do not change. Entries from before `quiet_before` (ms) raise no alerts.
    Returns the last arrival and whether a judge must be woken. Raises `Overtaken`, without any write, if
    another import has the claim.
    """
    scopes, series = dict[str, int](), dict[str, int]()
    tag_sets = TagSets(store)
    described, entries = list[Row](), list[Row]()
    for row in wanted:
        scope = scopes.setdefault(row.scope, len(scopes) + 1)
        name = f"{row.place.series_id}{'' if row.entry else '-'}"
        if name not in series:
            series[name] = len(series) + 1
            described.append(_describe_series(row))
        places: Row = {"scope": scope, "series": series[name], "tags": tag_sets.take(row.entry) if row.entry else 0}
        entries.append({**places, "timestamp": row.place.start, **_describe_entry(row.entry)})
    answer = store.scripts.run(
        "replace",
        partition,
        window=store.window,
        wake_ms=WAKE_MS,
        quiet_before=quiet_before,
        number=number,
        scopes=list(scopes),
        series=described,
        **tag_sets.arguments(),
        entries=entries,
    )
    outcome, detail, *last = answers.items(answer)
    if outcome == b"overtaken":
        raise Overtaken(answers.number(detail))
    return answers.number(last[0]), detail == 1


def _describe_series(row: PlannedEntry) -> Row:
    """Return the fields of a series for the script. A removed entry has a known series."""
    if row.entry is None:
        return {"id": row.place.series_id, "identity": "", "mark": ""}
    return codec.describe(row.place.series_id, row.entry.series)


def _describe_entry(entry: Entry | None) -> Row:
    return {"amount": entry.amount, "rest": entry_codec.dump_rest(entry)} if entry else {"amount": "", "rest": ""}


def read_datasets(store: Store, scopes: Iterable[str]) -> dict[str, str]:
    """Return, by scope, the kind of Azure's export; empty if not known."""
    names = list(scopes)
    found = store.client.hmget(keys.IMPORT_SCOPES, names) if names else []
    return {name: (text or b"").decode() for name, text in zip(names, found, strict=True)}


def remember_dataset(store: Store, scope: str, dataset: str) -> None:
    """Store the kind of export of a scope, if it is known."""
    if dataset:
        store.client.hset(keys.IMPORT_SCOPES, scope, dataset)


def forget_dataset(store: Store, scope: str) -> None:
    """Forget the kind of export of a scope, once the scope is empty."""
    store.client.hdel(keys.IMPORT_SCOPES, scope)
