"""Replacing the entries of scopes by those of a delivery: the plan, and its execution."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from kumo.domain import money
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.imports import Figures, Import
from kumo.engine.detection import judge
from kumo.engine.imports.bill_reader import Progress
from kumo.services import Services
from kumo.store import entries, entry_codec, scopes, series
from kumo.store.partition import Partition
from kumo.store.scopes import CALL_ROWS, Held, Place, PlannedEntry

# So many parts fit into half a megabyte; an entry may have thousands of parts.
CALL_PARTS: Final = 20_000
READ_ENTRIES: Final = 5_000

Contents = Mapping[str, Mapping[Place, Held]]


@dataclass(slots=True)
class Counted:
    """Counted entries, and their money by currency in micros."""

    entries: int = 0
    money: Counter[str] = field(default_factory=Counter)

    def count(self, currency: str, micros: int) -> None:
        """Count one entry."""
        self.entries += 1
        self.money[currency] += micros

    @property
    def part(self) -> Figures:
        """The same for people: decimal strings."""
        return Figures(self.entries, decimals(self.money))


@dataclass(slots=True)
class Plan:
    """The rows to write in the days from `since` (ms) on, and their totals."""

    since: int
    rows: list[PlannedEntry] = field(default_factory=list)
    added: Counted = field(default_factory=Counted)
    removed: Counted = field(default_factory=Counted)
    changed: Counted = field(default_factory=Counted)
    unchanged: Counted = field(default_factory=Counted)

    def describe(self, row: Import) -> Import:
        """Add the totals to an import."""
        return replace(
            row,
            added=self.added.part,
            removed=self.removed.part,
            changed=self.changed.part,
            unchanged=self.unchanged.part,
        )


def decimals(micros: Mapping[str, int]) -> dict[str, str]:
    """Write money by currency as decimal strings."""
    return {currency: money.exact(amount) for currency, amount in sorted(micros.items())}


def plan(
    services: Services,
    wanted: Mapping[str, Mapping[Place, Entry]],
    bills: Mapping[str, str],
    holds: Contents,
    instead: Mapping[str, Sequence[Place]],
    since: int,
) -> Plan:
    """Compare the wanted entries of scopes with the stored ones; `bills` names the bill of each scope.

    For each bill, only the days from the first to the last one of the delivery are replaced: a file of two days
    does not change the rest of the month. `instead` are places of other scopes to remove. Days before
    `since` (ms) do not change.
    """
    made = Plan(since)
    amounts = _amounts(services, holds)
    for scope, places in instead.items():
        _remove(services, made, scope, {place: amounts[place, holds[scope][place].seq] for place in places})
    days = days_of(wanted, bills)
    for scope, entries_ in wanted.items():
        first, last = days.get(bills[scope], (0, 0))
        gone = [place for place in holds[scope] if place not in entries_ and max(first, since) <= place.start < last]
        _remove(services, made, scope, {place: amounts[place, holds[scope][place].seq] for place in gone})
        for place, entry in entries_.items():
            if place.start < since:
                continue
            held = holds[scope].get(place)
            _compare(made, entry, amounts[place, held.seq] if held else None)
            made.rows.append(PlannedEntry(scope, place, entry))
    # Each series in order of time, so that a year of history is judged day by day.
    made.rows.sort(key=lambda row: (row.entry is not None, row.place.start))
    return made


def _amounts(services: Services, holds: Contents) -> dict[tuple[Place, int], int]:
    """Read the amounts of stored entries: other clients may have restated them since."""
    held = [(place, each.seq) for places in holds.values() for place, each in places.items()]
    found: dict[tuple[Place, int], int] = {}
    for start in range(0, len(held), READ_ENTRIES):
        some = held[start : start + READ_ENTRIES]
        details = entries.read_details(services.store, [(place.series_id, seq) for place, seq in some])
        found |= {name: entry_codec.read_amount(text) if text else 0 for name, text in zip(some, details, strict=True)}
    return found


def days_of(wanted: Mapping[str, Iterable[Place]], bills: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """Return, by bill, the start of the first day and the end of the last day of a delivery, in ms."""
    starts: dict[str, list[int]] = defaultdict(list)
    for scope, places in wanted.items():
        starts[bills[scope]] += [place.start for place in places]
    return {
        bill: (min(found) // DAY_MS * DAY_MS, (max(found) // DAY_MS + 1) * DAY_MS)
        for bill, found in starts.items()
        if found
    }


def _remove(services: Services, made: Plan, scope: str, gone: Mapping[Place, int]) -> None:
    known = identities(services, gone)
    for place, amount in gone.items():
        made.removed.count(known[place.series_id].currency, amount)
        made.rows.append(PlannedEntry(scope, place, None))


def identities(services: Services, places: Iterable[Place]) -> dict[str, Series]:
    """Return the series of places."""
    return series.identities(services.store, [place.series_id for place in places])


def _compare(made: Plan, entry: Entry, held: int | None) -> None:
    currency = entry.series.currency
    if held is None:
        made.added.count(currency, entry.amount)
    elif held == entry.amount:
        made.unchanged.count(currency, entry.amount)
    else:
        made.changed.count(currency, entry.amount - held)


def write(
    services: Services, number: int, rows: Sequence[PlannedEntry], quiet_before: int, progress: Progress
) -> dict[Partition, int]:
    """Write rows under the claim of a number; return the last arrival of each written partition.

    Raises `kumo.store.scopes.Overtaken` if another import has claimed one of the scopes; rows written before
    stay. Writing the same rows again changes nothing.
    """
    by_partition: dict[Partition, list[PlannedEntry]] = {}
    for row in rows:
        by_partition.setdefault(services.store.partition(row.place.series_id), []).append(row)
    heads: dict[Partition, int] = {}
    done = 0
    for partition, batch in by_partition.items():
        for chunk in _calls(batch):
            services.failpoint("replace.before")
            heads[partition], woken = scopes.replace(services.store, partition, number, chunk, quiet_before)
            services.failpoint("replace.after")
            if woken:
                services.jobs.judge(partition.number)
            done += len(chunk)
            progress("recording", done, len(rows))
    return heads


def _calls(rows: Iterable[PlannedEntry]) -> Iterator[list[PlannedEntry]]:
    """Split rows into calls with a limited number of rows and of parts of their entries."""
    call: list[PlannedEntry] = []
    parts = 0
    for row in rows:
        size = sum(map(len, row.entry.parts.values())) if row.entry else 0
        if len(call) == CALL_ROWS or (call and parts + size > CALL_PARTS):
            yield call
            call, parts = [], 0
        call.append(row)
        parts += size
    if call:
        yield call


def judge_written(services: Services, heads: Mapping[Partition, int], progress: Progress) -> None:
    """Judge the written entries in this process: without workers nobody else would."""
    for done, (partition, head) in enumerate(heads.items()):
        judge.catch_up(services, partition, head, partial(progress, "judging", done, len(heads)))
        progress("judging", done + 1, len(heads))
