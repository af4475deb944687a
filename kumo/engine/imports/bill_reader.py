"""Reading a bill into the entries that it has for each scope."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final

from kumo.billing import BillFile, Source, Total, daily, open_bill
from kumo.billing.totals import STEPS
from kumo.domain.categories import USAGE
from kumo.domain.entries import Entry
from kumo.domain.imports import Scope
from kumo.engine.imports.choices import Choices
from kumo.engine.imports.entries import entry_of, notes_of, series_of
from kumo.store import scopes
from kumo.store.scopes import Place

# Called with the phase ("reading" in bytes, "recording" in entries, "judging" in partitions), the progress and the
# total, which is 0 if unknown.
Progress = Callable[[str, int, int], None]

_STEP: Final = 1_000


def silent(_phase: str, _done: int, _total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class BillEntries:
    """The contents of a bill: its entries by scope.

    `payers` are the billing accounts of which it has all accounts, according to its manifest.
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
        """Its scopes, sorted by name."""
        return tuple(sorted(self.scopes.values(), key=str))


def read(source: Source, name: str, choices: Choices, progress: Progress) -> BillEntries:
    """Read a whole bill; raise `BillError`, `OSError`. Memory depends on its series and days, not on its rows."""
    size = _size(source)

    def report(consumed: int) -> None:
        # Several files, or one with an unknown size, can be larger than the named size.
        progress("reading", consumed, size if consumed <= size else 0)

    options = replace(choices.options, pulse=report, step=STEPS[choices.granularity])
    with open_bill(source, name, options) as bill:
        judged = choices.detect | {USAGE}
        totals = daily(bill, choices.granularity, choices.amount, judged, choices.max_totals, choices.tag_keys)
        notes = tuple(str(note) for note in bill.notes)
        delivery = BillEntries(bill.name, bill.digest, bill.source, bill.dataset, bill.rows, notes, bill.payers)
    together = _together(delivery, totals, choices.source)
    for number, ((scope, place), parts) in enumerate(together.items(), 1):
        entry = entry_of(scope, place.start, parts, choices.tag_keys)
        delivery.wanted.setdefault(scope, {})[place] = entry
        if not number % _STEP:
            report(size)
    return replace(delivery, notes=(*delivery.notes, *notes_of(totals, delivery.wanted)))


def _size(source: Source) -> int:
    """Return the size of a file in bytes, 0 if unknown."""
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


def _together(delivery: BillEntries, totals: Iterable[Total], source: str) -> dict[tuple[str, Place], list[Total]]:
    """Group totals that form one entry, by scope and place, and register the scopes.

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
