"""Reading a bill into the entries that it wants each scope to hold."""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final

from kumo.billing import BillFile, Options, Source, Total, daily, open_bill
from kumo.billing.column_map import parse_map
from kumo.billing.totals import STEPS, Amount, Granularity
from kumo.domain.categories import USAGE
from kumo.domain.entries import Entry
from kumo.domain.imports import Scope
from kumo.domain.names import compare_name
from kumo.engine.imports.entries import entry_of, notes_of, series_of
from kumo.store import scopes
from kumo.store.scopes import Place

# Told what is going on ("reading" in bytes, "recording" in entries, "judging" in partitions), how much of it is done,
# and of how much; 0 where that is not known.
Progress = Callable[[str, int, int], None]

LIMITS: Final = Options()
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
    `counts` says which source counts, or which format, where two have the same account and day. `tag_keys` are those by
    whose values entries are split, as the settings say. The rest are limits, as in `kumo.billing.Options`.
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
    tag_keys: tuple[str, ...] = ()
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
            tag_keys=self.tag_keys,
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
        parts += [{"tags": sorted(map(compare_name, self.tag_keys))}] if self.tag_keys else []
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

    options = replace(choices.options, pulse=tell, step=STEPS[choices.granularity])
    with open_bill(source, name, options) as bill:
        judged = choices.detect | {USAGE}
        totals = daily(bill, choices.granularity, choices.amount, judged, choices.max_totals, choices.tag_keys)
        notes = tuple(str(note) for note in bill.notes)
        delivery = Delivery(bill.name, bill.digest, bill.source, bill.dataset, bill.rows, notes, bill.payers)
    together = _together(delivery, totals, choices.source)
    for number, ((scope, place), parts) in enumerate(together.items(), 1):
        entry = entry_of(scope, place.start, parts, choices.tag_keys)
        delivery.wanted.setdefault(scope, {})[place] = entry
        if not number % _STEP:
            tell(size)
    return replace(delivery, notes=(*delivery.notes, *notes_of(totals, delivery.wanted)))


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
        line = total.line
        form, account, period, payer = line.scope
        scope = Scope(format=form, account=account, period=period, billing_account=payer, source=source)
        name = scopes.name_of(scope)
        delivery.scopes.setdefault(name, scope)
        found[name, Place(series_of(line).id, total.start)].append(total)
    return found
