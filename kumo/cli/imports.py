"""The commands about bills: import files, list imports, forget one."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import click
from rich import progress
from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from kumo import faults
from kumo.cli import remote, report
from kumo.cli.choices import choosing
from kumo.cli.output import json_option, print_json
from kumo.domain.imports import Failure, Import, ImportStatus
from kumo.engine.imports import lifecycle
from kumo.engine.imports.bill_reader import Progress
from kumo.engine.imports.choices import Choices
from kumo.engine.imports.folders import Located, find_deliveries
from kumo.engine.ops.server import open_services
from kumo.services import Services

MAX_LISTED: Final = 100
_LABELS: Final = {
    "uploading": "Uploading",
    "reading": "Reading",
    "recording": "Recording",
    "judging": "Judging",
    "exporting": "Exporting",
    "checking": "Checking",
    "restoring": "Restoring",
}
Load = Callable[[Located, Choices, Progress], Import]


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|FOLDER…")
@choosing
@click.option("--again", is_flag=True, help="Import a bill again even if a later one has replaced it; not with --url.")
@click.option("--url", default="", metavar="URL", help="Import into the Kumo at this address instead of the store.")
@click.option("--key", default="", metavar="KEY", help="Its API key, with the scopes ingest and read.")
@json_option
def import_(files: tuple[Path, ...], url: str, key: str, *, again: bool, as_json: bool, **chosen: object) -> None:
    """Import each FILE: CUR, FOCUS, Cost Explorer, Google, Azure or OpenCost; CSV, Parquet or JSON, also packed.

    For a FOLDER, import all deliveries in it and below. A delivery replaces earlier costs of its days. Exit
    code 1 if one was refused, or has replaced costs of another one of the same command.
    """
    if again and url:
        raise click.UsageError("--again does not work with --url.")
    choices = Choices(**chosen, again=again)  # type: ignore[arg-type]  # click has checked them
    # Its report names the opened anomalies; log lines about them would disturb the bar.
    logging.getLogger("kumo.engine").setLevel(logging.WARNING)
    done: list[Import] = []
    replaced = False
    with _open_importer(url, key) as (load, address):
        for delivery in find_deliveries(files):
            with Bar() as bar:
                found = load(delivery, choices, bar.show)
            report.complain(found)
            if not as_json:
                report.report(found, address)
            replaced |= _warn(found, done)
            done.append(found)
    if as_json:
        print_json({"imports": [report.describe(found, address) for found in done]})
    if not done:
        click.echo("There is no bill in these folders.", err=True)
    sys.exit(0 if done and not replaced and all(found.status is not ImportStatus.FAILED for found in done) else 1)


@contextmanager
def _open_importer(url: str, key: str) -> Iterator[tuple[Load, str]]:
    """Yield the function that imports a file, and the address of its Kumo: the local or a remote one."""
    if url:
        yield lambda each, choices, report: remote.run(url, key, _only_file(each), choices, report), url.rstrip("/")
        return
    with open_services() as ready:
        yield lambda each, choices, report: _load(ready, each, choices, report), ready.settings.public_url


def _load(ready: Services, delivery: Located, choices: Choices, report: Progress) -> Import:
    """Import a delivery; a fault of the machine is reported like a fault of the file."""
    try:
        return lifecycle.run(ready, delivery.source, delivery.name, choices, report)
    except (OSError, MemoryError) as error:
        failure = Failure(f"cannot be imported now ({faults.describe(error)}): import it again", delivery.name)
        return Import(0, delivery.name, ImportStatus.FAILED, error=failure)


def _only_file(delivery: Located) -> Path:
    """Return the only file of a delivery; others cannot be uploaded as they are."""
    if isinstance(delivery.source, tuple):
        names = ", ".join(part.path.name for part in delivery.source[:3])
        raise click.ClickException(f"{names} … are parts of one delivery: put them into one zip to upload them.")
    return delivery.source.path


class Bar:
    """A progress bar on the standard error."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        self._progress = progress.Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Show it."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        self._progress.stop()

    def show(self, phase: str, done: int, total: int) -> None:
        """Show the progress: `total` is 0 if unknown."""
        task = self._tasks.get(phase)
        if task is None:
            task = self._tasks[phase] = self._progress.add_task(_LABELS[phase], total=None)
        self._progress.update(task, completed=done, total=total or None)


def _warn(found: Import, before: Iterable[Import]) -> bool:
    """Warn if a file has replaced costs of another one of the same command; return whether it has."""
    if found.status is ImportStatus.FAILED or not (found.removed.entries or found.changed.entries):
        return False
    replaced = False
    for other in before:
        together = found.first_day <= other.last_day and other.first_day <= found.last_day
        shared = sorted(map(str, set(found.scopes) & set(other.scopes)))
        if together and shared and other.status is not ImportStatus.FAILED:
            replaced = True
            click.echo(
                f"{found.name} replaces costs of {other.name} in {shared[0]}. If both are parts of one delivery,"
                " forget both and import its manifest, their folder, or one zip of them.",
                err=True,
            )
    return replaced


@click.command()
@click.option("--forget", metavar="ID", help="Remove the entries of this import.")
@json_option
def imports(forget: str | None, *, as_json: bool) -> None:
    """List the imports, newest first, or forget one."""
    with open_services() as ready, Bar() as bar:
        found = lifecycle.list_all(ready, MAX_LISTED) if forget is None else [lifecycle.forget(ready, forget, bar.show)]
        address = ready.settings.public_url
    if as_json:
        print_json({"imports": [report.describe(row, address) for row in found]})
    elif forget is None:
        report.list_lines(found)
    else:
        click.echo(f"Import {found[0].id} ({found[0].name}) is forgotten.")
        report.tell_notes(found[0])
