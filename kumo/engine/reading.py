"""Reading a bill into the entries that it wants each scope to hold."""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

from kumo.billing import BillError, BillFile, Options, Source, Total, daily, open_bill
from kumo.billing.amounts import add
from kumo.billing.column_map import parse_map
from kumo.billing.contributors import TOP
from kumo.billing.row import ZERO, Line
from kumo.billing.totals import UNNAMED, Amount, Granularity
from kumo.domain import money
from kumo.domain.categories import USAGE
from kumo.domain.entries import MAX_TEXT, Entry, Series
from kumo.domain.imports import Scope
from kumo.domain.names import compare_name, is_visible
from kumo.store import scopes
from kumo.store.scopes import Place

# Told what is going on ("reading" in bytes, "recording" in entries, "judging" in partitions), how much of it is done,
# and of how much; 0 where that is not known.
Progress = Callable[[str, int, int], None]

LIMITS: Final = Options()
# Names of resources may be 200 letters long and stand in every entry; their ends tell them apart.
MAX_NAME: Final = 80
_STEP: Final = 1_000


def silent(_phase: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How a bill is to be read. `currency` and `account` are for rows that name none.

    `map` names the columns of a table of no format that Kumo knows, as `kumo.billing.column_map` reads it.

    `detect` names charge categories that detection looks at besides usage. `again` imports a bill also where it was
    imported before and a later delivery has replaced it since. `complete` says that a bill has all accounts of its
    billing account: those that it lacks are gone. `source` says where a bill came from: those of two sources add up.
    `counts` says which source counts, or which format, where two have the same account and day. The rest are limits, as
    in `kumo.billing.Options`.
    """

    granularity: Granularity = "daily"
    amount: Amount = "amortized"
    currency: str = ""
    account: str = ""
    detect: frozenset[str] = frozenset()
    map: str = ""
    again: bool = False
    complete: bool = False
    source: str = ""
    counts: str = ""
    max_bytes: int = LIMITS.max_bytes
    max_records: int = LIMITS.max_records
    max_totals: int = LIMITS.max_totals

    @property
    def options(self) -> Options:
        """What the reader of a bill needs of them; raises `ValueError` for a map that makes no sense."""
        return Options(
            currency=self.currency,
            account=self.account,
            columns=parse_map(self.map) if self.map else None,
            max_bytes=self.max_bytes,
            max_records=self.max_records,
            max_totals=self.max_totals,
        )

    def fingerprint(self, digest: str) -> str:
        """Name a bill as it is read under these choices: the same name means the same entries."""
        parts: list[object] = [
            digest,
            self.granularity,
            self.amount,
            self.currency,
            self.account,
            sorted(self.detect - {USAGE}),
        ]
        parts += [self.map] if self.map else []
        parts += ["complete"] if self.complete else []
        parts += [{"source": self.source, "counts": self.counts}] if self.source or self.counts else []
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a bill says: by scope, the entries that it wants there.

    `payers` are the billing accounts of which it has all accounts, as its manifest says.
    """

    name: str
    digest: str
    format: str
    dataset: str
    rows: int
    notes: tuple[str, ...]
    payers: frozenset[str] = frozenset()
    scopes: dict[str, Scope] = field(default_factory=dict)
    wanted: dict[str, dict[Place, Entry]] = field(default_factory=dict)

    @property
    def sorted_scopes(self) -> tuple[Scope, ...]:
        """Its scopes in the order of their names."""
        return tuple(sorted(self.scopes.values(), key=str))


def read(source: Source, name: str, choices: Choices, progress: Progress) -> Delivery:
    """Read a whole bill; raises `BillError`, `OSError`. Memory is bounded by its series and days, not its rows."""
    size = _size(source)

    def tell(consumed: int) -> None:
        # Several files, or one that says its size in another way, can be more than the one that was named.
        progress("reading", consumed, size if consumed <= size else 0)

    with open_bill(source, name, replace(choices.options, pulse=tell)) as bill:
        totals = daily(bill, choices.granularity, choices.amount, choices.detect | {USAGE}, choices.max_totals)
        notes = tuple(str(note) for note in bill.notes)
        delivery = Delivery(bill.name, bill.digest, bill.source, bill.dataset, bill.rows, notes, bill.payers)
    together = _together(delivery, totals, choices.source)
    for number, ((scope, place), parts) in enumerate(together.items(), 1):
        entry = _entry(scope, place.start, parts)
        delivery.wanted.setdefault(scope, {})[place] = entry
        if not number % _STEP:
            tell(size)
    return delivery


def _size(source: Source) -> int:
    """Return how many bytes a file has, 0 where it does not tell."""
    if isinstance(source, (str, Path)):
        return Path(source).stat().st_size
    if isinstance(source, BillFile):
        return source.path.stat().st_size
    if isinstance(source, Sequence):
        return sum(map(_size, source))
    return _length(source) if source.seekable() else 0


def _length(file: IO[bytes]) -> int:
    here = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(here)
    return end


def _together(delivery: Delivery, totals: Iterable[Total], source: str) -> dict[tuple[str, Place], list[Total]]:
    """Put totals together that make one entry, by scope and place, and write down the scopes.

    Rows may name their account in two ways, and spell any name in two ways: the first one counts.
    """
    found: dict[tuple[str, Place], list[Total]] = defaultdict(list)
    for total in totals:
        scope = Scope(*total.line.scope, source)
        name = scopes.name_of(scope)
        delivery.scopes.setdefault(name, scope)
        found[name, Place(_series(total.line).id, total.start)].append(total)
    return found


@lru_cache(maxsize=10_000)
def _series(line: Line) -> Series:
    return Series(
        service=short(line.service) if is_visible(line.service) else UNNAMED,
        currency=short(line.currency),
        provider=short(line.provider),
        account=short(line.account),
        region=short(line.region),
        charge_category=line.category,
    )


def short(text: str) -> str:
    """Fit a text of a bill into an entry: what is too long is cut, and told apart by a hash of the whole.

    It is cut as it is compared, so that all spellings of one name are cut alike.
    """
    text = text.encode("utf-8", "replace").decode()
    if len(text) <= MAX_TEXT:
        return text
    name = compare_name(text)
    if len(name) <= MAX_TEXT:
        return name
    return f"{name[: MAX_TEXT - 13]}…{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _entry(scope: str, start: int, totals: list[Total]) -> Entry:
    series = _series(totals[0].line)
    amount, billed = ZERO, ZERO
    names: dict[str, Decimal] = {}
    for total in totals:
        amount, billed = add(amount, total.amount), add(billed, total.billed)
        for each in total.contributors:
            names[each.name] = add(names.get(each.name, ZERO), each.amount)
    largest = sorted(names.items(), key=lambda item: (-abs(item[1]), item[0]))[:TOP]
    try:
        return Entry(
            series=series,
            amount=money.to_micros(amount),
            timestamp=start,
            external_id=scopes.external_id(scope, start),
            billed=money.to_micros(billed),
            contributors=tuple((_tail(name), money.to_micros(value)) for name, value in largest),
        )
    except ValueError as error:
        day = datetime.fromtimestamp(start / 1000, UTC)
        raise BillError(f"adds up to more than Kumo holds, {series.service} on {day:%Y-%m-%d}: {error}") from None


def _tail(name: str) -> str:
    name = name.encode("utf-8", "replace").decode()
    return name if len(name) <= MAX_NAME else "…" + name[1 - MAX_NAME :]
