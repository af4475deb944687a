"""Replacing what scopes hold by what a delivery says: the plan, and making it so."""

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

# As many parts as fit into half a megabyte, and details of which each may have thousands of parts.
CALL_PARTS: Final = 20_000
READ_ENTRIES: Final = 5_000

Contents = Mapping[str, Mapping[Place, Held]]


@dataclass(slots=True)
class Counted:
    """Entries counted, and their money by currency in micros."""

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
    """What is to be done in the days from `since` (ms) on, and what it comes to."""

    since: int
    rows: list[PlannedEntry] = field(default_factory=list)
    added: Counted = field(default_factory=Counted)
    removed: Counted = field(default_factory=Counted)
    changed: Counted = field(default_factory=Counted)
    unchanged: Counted = field(default_factory=Counted)

    def describe(self, row: Import) -> Import:
        """Write down in an import what it comes to."""
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
    """Compare what is wanted of scopes with what they hold; `bills` names the bill that each is a part of.

    Of each bill, only the days from the first to the last one that the delivery has are replaced: a file of two days
    says nothing about the rest of the month. `instead` are places of other scopes that are to be gone. Days before
    `since` (ms) stay as they are.
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
    # Each series in the order of time, so that a year of history is judged as it would have been day by day.
    made.rows.sort(key=lambda row: (row.entry is not None, row.place.start))
    return made


def _amounts(services: Services, holds: Contents) -> dict[tuple[Place, int], int]:
    """Read what held entries amount to: they may have been restated by others since."""
    held = [(place, each.seq) for places in holds.values() for place, each in places.items()]
    found: dict[tuple[Place, int], int] = {}
    for start in range(0, len(held), READ_ENTRIES):
        some = held[start : start + READ_ENTRIES]
        details = entries.read_details(services.store, [(place.series_id, seq) for place, seq in some])
        found |= {name: entry_codec.read_amount(text) if text else 0 for name, text in zip(some, details, strict=True)}
    return found


def days_of(wanted: Mapping[str, Iterable[Place]], bills: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """Return, by bill, when the first day of a delivery begins and when its last one ends, in ms."""
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
    """Return what the series of places are."""
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
    """Make rows so under the claim of a number; returns the last arrival of each partition that was written to.

    Raises `kumo.store.scopes.Overtaken` where another has claimed one of the scopes since: what was written until then
    stays. Doing it again changes nothing more.
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
    """Split rows into calls of bounded size: so many rows, and parts of their entries."""
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
    """Judge what was written, here and now: where no worker runs, nobody else would."""
    for done, (partition, head) in enumerate(heads.items()):
        judge.catch_up(services, partition, head, partial(progress, "judging", done, len(heads)))
        progress("judging", done + 1, len(heads))
