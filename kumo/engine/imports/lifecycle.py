"""Importing: a bill becomes entries, and each later delivery of it replaces the earlier one.

A delivery replaces its scopes (see `kumo.domain.imports.Scope`) in the days that it covers. There are no locks: an
import has a number, claims its scopes under it in every partition, and stops writing once a higher number
has claimed one of them. Each of its writes can be repeated, so importing the same bytes again completes an import
after a kill.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kumo import faults
from kumo.billing import BillError, Source
from kumo.domain.alerts import quiet_before
from kumo.domain.imports import Failure, Import, ImportStatus
from kumo.domain.names import compare_name
from kumo.engine.imports import bill_reader, kept_days, planner, reconciliation, summary
from kumo.engine.imports.bill_reader import BillEntries, Progress, silent
from kumo.engine.imports.choices import Choices
from kumo.errors import ConflictError, NotFoundError
from kumo.services import Services
from kumo.store import imports, scopes, watermarks
from kumo.store.scopes import Overtaken, PlannedEntry
from kumo.store.series import date_of, day_of

_OVERTAKEN: Final = (
    "was overtaken: import {0} of the same scope began later; import this file again if it is the newer one"
)


def run(
    services: Services,
    source: Source,
    name: str = "",
    choices: Choices | None = None,
    progress: Progress = silent,
    begun: int | None = None,
) -> Import:
    """Import a bill and judge its entries; `begun` is the number of an upload.

    Does not raise for a bill that is refused: the import is then `failed` with the reason, and nothing of it is stored.
    The same bytes with the same options are no work (`same_as`), unless they were forgotten since, or days of them
    were left out that would not be now. Raises the errors of Redis, and `OSError` and `MemoryError` that are not
    caused by the file: the import may then be incomplete, and importing the same bytes again completes it.
    """
    choices = replace(choices or Choices(), tag_keys=services.settings.tag_keys)
    row = _reading(services, name, begun)
    if row.over:
        return row
    try:
        delivery = bill_reader.read(source, name, choices, progress)
    except BillError as error:
        return _fail(services, row, Failure(error.detail, error.file, error.row, error.column))
    except OSError as error:
        if begun is not None or faults.is_passing(error):
            raise
        return _fail(services, row, Failure(f"cannot be read: {error.strerror or error}", name or str(source)))
    row = _describe(row, delivery, choices, kept_days.first_kept(services))
    earlier = imports.find_by_bill(services.store, row.fingerprint)
    if earlier and _stands(services, earlier, choices, row.left_out):
        if earlier.status is ImportStatus.RECORDING:
            earlier = _record(services, earlier, delivery, choices, progress)
        if earlier.status is ImportStatus.DONE:
            return earlier if earlier.number == row.number else _note_repeat(services, row, earlier, begun)
    return _record(services, row, delivery, choices, progress)


def _reading(services: Services, name: str, begun: int | None) -> Import:
    """Return the import to work on. One without a number from an upload is listed only once it has results."""
    if begun is None:
        return Import(imports.next_number(services.store), name, ImportStatus.READING, started_at=services.clock())
    row = find(services, str(begun))
    if row.status is ImportStatus.WAITING:
        row = replace(row, status=ImportStatus.READING, started_at=services.clock())
        imports.save(services.store, row)
    return row


def _fail(services: Services, row: Import, failure: Failure) -> Import:
    row = replace(row, name=row.name or failure.file, finished_at=services.clock())
    failed = replace(row, status=ImportStatus.FAILED, error=failure)
    imports.save(services.store, failed)
    return failed


def _describe(row: Import, delivery: BillEntries, choices: Choices, since: int) -> Import:
    """Add the contents of the bill, for the days from `since` (ms) on."""
    said = [each for held in delivery.wanted.values() for each in held.items()]
    entries = [(place, entry) for place, entry in said if place.start >= since]
    totals: Counter[str] = Counter()
    for _, entry in entries:
        totals[entry.series.currency] += entry.amount
    days = [day_of(place.start) for place, _ in entries]
    row = replace(
        row,
        name=row.name or delivery.name,
        digest=delivery.digest,
        fingerprint=choices.fingerprint(delivery.digest),
        format=delivery.format,
        source=choices.source,
        dataset=delivery.dataset,
        rows=delivery.rows,
        money=reconciliation.decimals(totals),
        scopes=delivery.sorted_scopes,
        first_day=date_of(min(days)).isoformat() if days else "",
        last_day=date_of(max(days)).isoformat() if days else "",
        services=len({compare_name(entry.series.service) for _, entry in entries}),
    )
    return kept_days.note_left_out(row, delivery, since)


def _note_left_out(row: Import, delivery: BillEntries, choices: Choices, since: int) -> Import:
    """Update the days that are left out; for an import that had begun, change nothing else."""
    if row.status is ImportStatus.RECORDING:
        return kept_days.note_left_out(row, delivery, since)
    return _describe(row, delivery, choices, since)


def _stands(services: Services, earlier: Import, choices: Choices, left_out: int) -> bool:
    """Return whether an import still holds, or was replaced by later imports that do.

    Replaced bytes are no work, unless `again` is set: an old file that arrives again must not undo a newer
    one. But a forgotten import is work, and so is one that a later import left incomplete, and one that
    nothing has replaced and that left out more days than would be left out now.
    """
    names = map(scopes.name_of, earlier.scopes)
    holders = {max(scopes.holders(services.store, name)) for name in names}
    later = [imports.find(services.store, number) for number in holders if number > earlier.number]
    if earlier.status is ImportStatus.DONE and not later:
        return left_out >= earlier.left_out
    if earlier.status is ImportStatus.RECORDING or choices.again:
        return not later and earlier.status is ImportStatus.RECORDING
    return earlier.status is ImportStatus.DONE and all(row and row.status is ImportStatus.DONE for row in later)


def _note_repeat(services: Services, row: Import, earlier: Import, begun: int | None) -> Import:
    """Return an import with nothing to do. It is stored only for uploads, whose client may ask for its number."""
    row = replace(row, status=ImportStatus.DONE, same_as=earlier.id, finished_at=services.clock())
    row = replace(row, learning=earlier.learning, anomalies=earlier.anomalies)
    if begun is not None:
        imports.save(services.store, row)
    return row


def _record(services: Services, row: Import, delivery: BillEntries, choices: Choices, progress: Progress) -> Import:
    """Write the delivery into its scopes, judge, alert; every step can be repeated."""
    quiet = quiet_before(row.started_at, services.settings.alert_max_age)
    try:
        services.failpoint("import.read")
        settled, plan = planner.plan(services, row.number, delivery, choices)
        if row.left_out != kept_days.count_left_out(delivery, plan.since):
            row = _note_left_out(row, delivery, choices, plan.since)
        if row.status is not ImportStatus.RECORDING:
            row = replace(row, status=ImportStatus.RECORDING, scopes=settled.sorted_scopes)
            row = plan.describe(kept_days.note_left_out(row, settled, plan.since))
            imports.remember_bill(services.store, row)
            imports.save(services.store, row)
        services.failpoint("import.planned")
        for scope in {each.scope for each in plan.rows} & settled.wanted.keys():
            scopes.remember_dataset(services.store, scope, delivery.dataset)
        heads = reconciliation.write(services, row.number, plan.rows, quiet, progress)
    except BillError as error:
        watermarks.release(services.store, row.number)
        return _fail(services, row, Failure(error.detail, row.name))
    except Overtaken as overtaken:
        watermarks.release(services.store, row.number)
        return _fail(services, row, Failure(_OVERTAKEN.format(overtaken.number), row.name))
    services.failpoint("import.written")
    reconciliation.judge_written(services, heads, progress)
    services.failpoint("import.judged")
    row = summary.count_anomalies(services, row, list(settled.wanted), quiet)
    services.failpoint("import.counted")
    watermarks.release(services.store, row.number)
    row = replace(row, status=ImportStatus.DONE, finished_at=services.clock())
    imports.save(services.store, row)
    return row


def find(services: Services, import_id: str) -> Import:
    """Return one import; raise `NotFoundError`."""
    number = int(import_id) if import_id.isascii() and import_id.isdigit() and len(import_id) < 16 else 0  # noqa: PLR2004 - below 2⁵³
    row = imports.find(services.store, number)
    if row is None:
        raise NotFoundError(f"There is no import {import_id[:80]!r}.")
    return row


def list_all(services: Services, limit: int = 100) -> Sequence[Import]:
    """Return the newest imports, newest first."""
    return imports.read(services.store, sorted(imports.numbers(services.store), reverse=True)[:limit])


def forget(services: Services, import_id: str, progress: Progress = silent) -> Import:
    """Remove the entries that this import was the last to write; raise `NotFoundError` and `ConflictError`.

    Entries that it had replaced do not come back: import that bill again. Days past the retention do not change,
    and a note says so.
    """
    row = find(services, import_id)
    if row.same_as:
        raise ConflictError(f"Import {row.id} had the same bytes as import {row.same_as}: forget that one.")
    if row.status in {ImportStatus.WAITING, ImportStatus.READING}:
        raise ConflictError(f"Import {row.id} is {row.status}: there is nothing to forget yet.")
    number = imports.next_number(services.store)
    names = [scopes.name_of(scope) for scope in row.scopes]
    try:
        scopes.claim(services.store, number, names, kept_days.first_described(services, row))
        services.failpoint("forget.claimed")
        since = watermarks.highest(services.store)
        rows, emptied = _find_written(services, row, names, since)
        heads = reconciliation.write(services, number, rows, 0, progress)
    except Overtaken as overtaken:
        watermarks.release(services.store, number)
        raise ConflictError(f"Import {overtaken.number} of the same scope began meanwhile: try again.") from None
    services.failpoint("forget.written")
    for name in emptied:
        scopes.forget_dataset(services.store, name)
    reconciliation.judge_written(services, heads, progress)
    watermarks.release(services.store, number)
    row = replace(kept_days.note_forgotten(row, since), status=ImportStatus.FORGOTTEN, finished_at=services.clock())
    imports.save(services.store, row)
    return row


def _find_written(
    services: Services, row: Import, names: Sequence[str], since: int
) -> tuple[list[PlannedEntry], list[str]]:
    """Return the rows that remove an import's entries from `since` (ms) on, and the scopes that then are empty."""
    rows: list[PlannedEntry] = []
    emptied: list[str] = []
    for name, places in scopes.read_held(services.store, names).items():
        own = [place for place, held in places.items() if held.writer == row.number and place.start >= since]
        rows += [PlannedEntry(name, place, None) for place in own]
        if len(own) == len(places):
            emptied.append(name)
    return sorted(rows, key=lambda each: each.place.start), emptied
