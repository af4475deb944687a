"""Exporting: all data from people, in one file that can fill another store.

Each series is exported at a moment when all of its arrivals are judged; later arrivals may or may not be in the
file. Nothing waits for it, and at most one series is in memory.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO, Final

import kumo
from kumo.engine.detection import judge
from kumo.engine.imports.bill_reader import Progress
from kumo.engine.ops import archive
from kumo.engine.ops.archive import Contents, Line
from kumo.errors import ConflictError
from kumo.services import Services
from kumo.store import arrival_numbers, client, export_table, series, snapshots, totals
from kumo.store.export_table import Way
from kumo.store.partition import Partition
from kumo.store.snapshots import Episodes, Snapshot, UnjudgedError

# Settings that later verdicts depend on; a restore reports differences.
TOLD: Final = ("detector", "window", "threshold", "min_history", "alert_max_age", "retention_days")
# Each try first judges the pending arrivals, which takes a few milliseconds.
MOST_TRIES: Final = 1000


def export(services: Services, file: IO[bytes], progress: Progress) -> Contents:
    """Write everything into a file; return the contents of its first and last line.

    Raises `ConflictError` if a series gets entries faster than they can be judged.
    """
    writer = archive.Writer(file, _head(services))
    for line in _lines(services, progress):
        writer.write(line)
    found = arrival_numbers.read(services.store)
    return writer.end(asdict(found))


def settings_told(services: Services) -> dict[str, str]:
    """Return the settings that later verdicts depend on, as text."""
    return {f"KUMO_{name.upper()}": str(getattr(services.settings, name)) for name in TOLD}


def _head(services: Services) -> Line:
    now = datetime.fromtimestamp(services.clock() / 1000, tz=UTC)
    return {
        "kumo": kumo.__version__,
        "layout": client.LAYOUT_VERSION,
        "created_at": now.isoformat(timespec="seconds"),
        "partitions": len(services.store.partitions),
        "settings": settings_told(services),
    }


def _lines(services: Services, progress: Progress) -> Iterator[Line]:
    store = services.store
    # The bytes first, then the rows of imports: if an import ends in between, its bytes are dropped.
    yield from export_table.pieces(store)
    yield from export_table.read(store, Way.BEFORE)
    expected, done = totals.count(store).series, 0
    for partition in store.partitions:
        for series_id, episodes in sorted(snapshots.series_of(store, partition).items()):
            yield from _read(services, partition, series_id, episodes).lines()
            done += 1
            progress("exporting", done, max(done, expected))
    yield from export_table.claims(store)
    yield from export_table.read_watermarks(store)
    yield from export_table.read(store, Way.AFTER)


def _read(services: Services, partition: Partition, series_id: str, episodes: Episodes) -> Snapshot:
    last_day = series.day_of(services.clock()) + 1
    for _ in range(MOST_TRIES):
        try:
            return snapshots.read(services.store, partition, series_id, episodes, last_day)
        except UnjudgedError:
            judge.catch_up(
                services, partition, arrival_numbers.read_last(services.store, partition), report=lambda: None
            )
    raise ConflictError(f"Series {series_id} gets entries faster than they are judged: export when fewer arrive.")
