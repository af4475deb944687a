"""The days of a bill that are past the retention: an import does not change them, and notes this."""

from dataclasses import replace
from datetime import date

from kumo.domain.entries import DAY_MS
from kumo.domain.imports import Import
from kumo.engine.imports.bill_reader import BillEntries
from kumo.services import Services
from kumo.store import watermarks
from kumo.store.series import date_of, day_of


def first_kept(services: Services) -> int:
    """Return the start in ms of the first day that an import may write.

    Earlier days are older than KUMO_RETENTION_DAYS, or lost entries when that was shorter than now.
    """
    days = services.settings.retention_days
    oldest = (services.clock() - days * DAY_MS) // DAY_MS * DAY_MS if days else 0
    return max(oldest, watermarks.highest(services.store))


def first_day(delivery: BillEntries) -> int:
    """Return the start in ms of the first day of a delivery; 0 if it has none."""
    starts = [place.start for places in delivery.wanted.values() for place in places]
    return min(starts, default=0) // DAY_MS * DAY_MS


def first_written(services: Services, delivery: BillEntries) -> int:
    """Return the start in ms of the first day of a delivery that an import writes now."""
    return max(first_day(delivery), first_kept(services))


def first_described(services: Services, row: Import) -> int:
    """Return the start in ms of the first day with entries of an import; now if it has none."""
    return (date.fromisoformat(row.first_day) - date_of(0)).days * DAY_MS if row.first_day else services.clock()


def count_left_out(delivery: BillEntries, since: int) -> int:
    """Return how many days of a delivery are before a time in ms."""
    places = (place for held in delivery.wanted.values() for place in held)
    return len({day_of(place.start) for place in places if place.start < since})


def note_left_out(row: Import, delivery: BillEntries, since: int) -> Import:
    """Add to an import which days of its delivery are left out."""
    count = count_left_out(delivery, since)
    if not count:
        return replace(row, left_out=0, notes=delivery.notes)
    days = "1 day before {} is older than the retention and does not change"
    if count > 1:
        days = f"{count:,} days before {{}} are older than the retention and do not change"
    return replace(row, left_out=count, notes=(*delivery.notes, days.format(date_of(day_of(since)).isoformat())))


def note_forgotten(row: Import, since: int) -> Import:
    """Add to a forgotten import that days before a time in ms stay in the daily totals."""
    before = date_of(day_of(since)).isoformat()
    note = f"its days before {before} are older than the retention and do not change"
    if not row.first_day or row.first_day >= before or note in row.notes:
        return row
    return replace(row, notes=(*row.notes, note))
