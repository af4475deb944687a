"""Restoring: filling an empty store from an export, with any number of partitions.

The whole file is checked before anything is written. Until the restore is complete the store has a mark: no service
starts on it, and nothing is recorded. After a kill, run the restore again; it starts over.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import redis

from kumo.engine.imports.bill_reader import Progress
from kumo.engine.ops import archive, exporter, rebuilding
from kumo.engine.ops.archive import Contents
from kumo.errors import ConflictError, InvalidExportError
from kumo.services import Services
from kumo.store import client, keys, leases, restore_mark, restore_writer, series, sharing
from kumo.store.arrival_numbers import ArrivalNumbers
from kumo.store.restore_writer import RestoreWriter

LEASE_MS: Final = 5_000
RENEW_SECONDS: Final = 1.0
# The sweep's lease of a Kumo that was just stopped has ended after this time.
WAIT_SECONDS: Final = 8.0
TELL_LINES: Final = 1000
# Series in a round of adding to the totals of groups.
SHARED_SERIES: Final = 1000


def restore(services: Services, path: Path, progress: Progress) -> Contents:
    """Fill the store; it stays closed until `open_` is called. Return the contents of the file's first and last line.

    Raises `InvalidExportError` if the file is not a complete export, `StoreUnsafeError` if the store is not empty;
    nothing was written then.
    """
    contents = archive.check(path, restore_writer.KINDS, progress)
    layout = contents.head["layout"]
    if layout != client.LAYOUT_VERSION:
        raise InvalidExportError(
            f"{path} was written by Kumo {contents.head['kumo']} from a store with layout {layout}; this version works "
            f"with layout {client.LAYOUT_VERSION}: restore it with that version of Kumo."
        )
    export = contents.end["sha256"]
    if restore_mark.begin(services.store, export):
        services.failpoint("restore.begun")
        _fill(services, path, contents, progress)
        services.failpoint("restore.filled")
        restore_mark.complete(services.store, export)
    services.failpoint("restore.complete")
    return contents


def _fill(services: Services, path: Path, contents: Contents, progress: Progress) -> None:
    seqs = {int(number): seq for number, seq in contents.end["seqs"].items()}
    fill = RestoreWriter(services.store, ArrivalNumbers(seqs, contents.end["moved"], contents.end["skipped"]))
    for number, line in enumerate(archive.lines(path), start=1):
        fill.take(line)
        services.failpoint("restore.filling")
        if number % TELL_LINES == 0:
            progress("restoring", number, contents.end["lines"])
    fill.finish()
    while not sharing.share(services.store, SHARED_SERIES, series.day_of(services.clock()) + 1):
        services.failpoint("restore.sharing")
    for _ in sharing.tag_entries(services.store):
        services.failpoint("restore.tagging")
    rebuilding.rebuild_progress(services)


def open_(services: Services) -> None:
    """Let services start on the store and record entries."""
    restore_mark.end(services.store)


def find_changed_settings(services: Services, contents: Contents) -> list[str]:
    """Return a sentence for each setting that differs from that of the export."""
    now = exporter.settings_told(services)
    before = contents.head["settings"]
    return [
        f"{name} was {before[name]} when the export was made, and is {value} now."
        for name, value in now.items()
        if before.get(name, value) != value
    ]


@contextmanager
def alone(services: Services) -> Iterator[None]:
    """Ensure that no Kumo works on the store: hold the lease of its sweep, from which all of its work starts.

    Raises `ConflictError` if a Kumo or another restore runs.
    """
    token = services.token()
    _take(services, token)
    ended = threading.Event()
    holding = threading.Thread(target=_hold, args=(services, token, ended), daemon=True)
    holding.start()
    try:
        yield
    finally:
        ended.set()
        holding.join()
        leases.release(services.store, keys.SWEEP, token)


def _take(services: Services, token: str) -> None:
    store = services.store
    deadline = time.monotonic() + WAIT_SECONDS
    first = store.client.get(keys.SWEEP)
    while not leases.take(store, keys.SWEEP, token, LEASE_MS):
        holder = store.client.get(keys.SWEEP) or first
        if holder != first or time.monotonic() > deadline:
            raise ConflictError("Kumo or another restore is working on this store: stop it first.")
        time.sleep(RENEW_SECONDS / 10)


def _hold(services: Services, token: str, ended: threading.Event) -> None:
    while not ended.wait(RENEW_SECONDS):
        with suppress(redis.RedisError):
            leases.renew(services.store, keys.SWEEP, token, LEASE_MS)
