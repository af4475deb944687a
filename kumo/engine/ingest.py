"""Recording entries exactly once, and waiting for their verdicts."""

import time
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kumo.domain.alerts import quiet_before
from kumo.domain.entries import DAY_MS, MAX_BATCH, Entry, parse_entry_id, partition_of, read_entry
from kumo.errors import ConflictError, FieldError, IdempotencyError, InvalidEntryError
from kumo.services import Services
from kumo.store import keys, leases, watermarks
from kumo.store.entries import PastRetention, Recorded, TimestampConflict, last_judged, read_times, record
from kumo.store.series import date_of, day_of

# A recording call takes 15 to 40 µs for each entry: two hundred keep Redis busy for a few milliseconds.
CALL_ENTRIES: Final = 200
# It only tells a client that two requests run at once; nothing is unsafe if it ends early. It is short, so that a
# killed web process does not delay a repeat.
RUNNING_MS: Final = 5_000
POLL_SECONDS: Final = 0.004
# Largest number of faults of a batch; an answer shows a hundred.
MOST_ERRORS: Final = 1_000

Batch = list[tuple[int, str, Entry]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request under an Idempotency-Key: digests of the key (with its scope) and of the body."""

    key: str
    body: str


def read(raw: Iterable[object], now: int) -> list[Entry]:
    """Parse a batch of JSON objects, taking at most one batch from `raw`.

    Raises `InvalidEntryError` with the faults of all entries, up to a thousand.
    """
    entries: list[Entry] = []
    errors: list[FieldError] = []
    for index, row in enumerate(raw):
        if index >= MAX_BATCH:
            raise _wrong_number("more")
        entry = read_entry(row, now, index)
        if isinstance(entry, Entry):
            entries.append(entry)
        else:
            errors += entry[: MOST_ERRORS - len(errors)]
            if len(errors) >= MOST_ERRORS:
                break
    if errors:
        raise InvalidEntryError(errors)
    if not entries:
        raise _wrong_number("0")
    return entries


def _wrong_number(found: str) -> InvalidEntryError:
    return InvalidEntryError([FieldError("", f"must hold 1 to {MAX_BATCH} entries, not {found}")])


def ingest(services: Services, entries: Sequence[Entry], request: Request | None = None) -> list[Recorded]:
    """Record entries and wake the judges of their partitions; return the result for each, in order.

    Under a `request`, repeated entries get the first answer and change nothing. Raises `ConflictError` if an
    external id has another timestamp or the request is still running, `IdempotencyError` if its key was
    used with another body, `InvalidEntryError` if an entry is past the retention, or in days that it has reached.
    """
    _refuse_forgotten(services, entries)
    calls = _calls(services, entries)
    if len(calls) > 1:
        _refuse_unrecordable(services, entries)
    if request is None:
        return _record(services, calls, len(entries), None)
    if leases.bind_body(services.store, request.key, request.body) != request.body:
        raise IdempotencyError("This Idempotency-Key was first used with another body.")
    if len(calls) == 1:
        return _record(services, calls, len(entries), request)
    lease, token = keys.running(request.key), services.token()
    if not leases.take(services.store, lease, token, RUNNING_MS):
        raise ConflictError("A request with this Idempotency-Key is still running.")
    try:
        return _record(services, calls, len(entries), request)
    finally:
        leases.release(services.store, lease, token)


def _refuse_forgotten(services: Services, entries: Sequence[Entry]) -> None:
    """Refuse entries past the retention: their external ids are forgotten, so they would count twice."""
    days = services.settings.retention_days
    oldest = services.clock() - days * DAY_MS
    old = [place for place, entry in enumerate(entries) if days and entry.timestamp < oldest]
    if old:
        raise _too_old(old, len(entries), f"must not be older than the retention of {days} days")


def _past(places: Iterable[int], total: int, watermark: int) -> InvalidEntryError:
    day = date_of(day_of(watermark)).isoformat()
    return _too_old(places, total, f"must not be before {day}: the retention has removed entries of earlier days")


def _too_old(places: Iterable[int], total: int, detail: str) -> InvalidEntryError:
    return InvalidEntryError([FieldError("timestamp", detail, place if total > 1 else None) for place in places])


def _calls(services: Services, entries: Sequence[Entry]) -> list[tuple[int, Batch]]:
    """Split entries into recording calls of limited size: (partition, entries with their places)."""
    count = len(services.store.partitions)
    by_partition: dict[int, Batch] = {}
    ids: dict[object, str] = {}
    for place, entry in enumerate(entries):
        series_id = ids.get(entry.series) or ids.setdefault(entry.series, entry.series.id)
        by_partition.setdefault(partition_of(series_id, count), []).append((place, series_id, entry))
    return [
        (partition, batch[start : start + CALL_ENTRIES])
        for partition, batch in by_partition.items()
        for start in range(0, len(batch), CALL_ENTRIES)
    ]


def _record(
    services: Services, calls: Sequence[tuple[int, Batch]], total: int, request: Request | None
) -> list[Recorded]:
    results: list[Recorded | None] = [None] * total
    for number, (partition, batch) in enumerate(calls):
        # The number distinguishes the calls of one request; it depends only on the body, so a repeat has the same.
        once = f"{request.key}:{number}" if request else None
        quiet = quiet_before(services.clock(), services.settings.alert_max_age)
        rows = [(series_id, entry) for _, series_id, entry in batch]
        services.failpoint("record.before")
        try:
            found, woken = record(services.store, services.store.partitions[partition], rows, once, quiet)
        except TimestampConflict as conflict:
            raise _conflict(batch[conflict.place][0], total) from None
        except PastRetention as past:
            raise _past([batch[past.place][0]], total, past.watermark) from None
        services.failpoint("record.after")
        if woken:
            services.jobs.judge(partition)
        for (place, _, _), result in zip(batch, found, strict=True):
            results[place] = result
    return [result for result in results if result is not None]


def _conflict(place: int, total: int) -> ConflictError:
    where = f"Entry {place}: its" if total > 1 else "This"
    return ConflictError(f"{where} external_id is known with another timestamp.")


def _refuse_unrecordable(services: Services, entries: Sequence[Entry]) -> None:
    """Refuse a batch of several calls as a whole if the script would refuse one of its entries."""
    named = [(place, entry.series.id, entry) for place, entry in enumerate(entries) if entry.external_id]
    wanted = [(series_id, entry.external_id) for _, series_id, entry in named]
    times = dict(zip(wanted, read_times(services.store, wanted), strict=True))
    _refuse_past(services, entries, {name for name, time in times.items() if time is not None})
    for (place, _, entry), name in zip(named, wanted, strict=True):
        if times[name] is None:
            times[name] = entry.timestamp
        elif entry.timestamp_given and times[name] != entry.timestamp:
            raise _conflict(place, len(entries))


def _refuse_past(services: Services, entries: Sequence[Entry], known: Container[tuple[str, str]]) -> None:
    reached = watermarks.read(services.store)
    highest = max(reached.values())
    old = [(place, entry) for place, entry in enumerate(entries) if entry.timestamp < highest]
    past = [
        place
        for place, entry in old
        if entry.timestamp < reached[services.store.partition(entry.series.id)]
        and (entry.series.id, entry.external_id) not in known
    ]
    if past:
        raise _past(past, len(entries), highest)


def wait(services: Services, recorded: Recorded, seconds: float) -> bool:
    """Wait until a recorded entry is judged, at most `seconds`; return whether it is."""
    found = parse_entry_id(recorded.id)
    partition = services.store.partition(found[0] if found else "")
    deadline = time.monotonic() + seconds
    while last_judged(services.store, partition) < recorded.arrival:
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def as_recorded(entry: Entry, recorded: Recorded) -> Entry:
    """Return the entry with its stored timestamp and spelling."""
    return replace(entry, timestamp=recorded.timestamp, series=recorded.series or entry.series)
