"""The commands about bills: import files, list imports, forget one."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

import click
from rich import progress
from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from kumo import faults, remote
from kumo.billing.folders import Located, find_deliveries
from kumo.cli_choices import choosing
from kumo.domain.imports import Failure, Import, Part, State
from kumo.engine import importing
from kumo.engine.reading import Choices, Progress
from kumo.opening import built
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
@click.option("--again", is_flag=True, help="Also what was imported before and is replaced by now; not with --url.")
@click.option("--url", default="", metavar="URL", help="Import into the Kumo at this address, not into its store.")
@click.option("--key", default="", metavar="KEY", help="Its API key, of the scopes ingest and read.")
def import_(files: tuple[Path, ...], url: str, key: str, *, again: bool, **chosen: object) -> None:
    """Import each FILE: CUR, FOCUS, Cost Explorer, Google, Azure or OpenCost; CSV, Parquet or JSON, also packed.

    Of a FOLDER, all deliveries in it and below. What a delivery says of days that are known already replaces it. Exit
    code 1 where one was refused, or has replaced costs of another one of the same command.
    """
    if again and url:
        raise click.UsageError("--again works beside the store only.")
    choices = Choices(**chosen, again=again)  # type: ignore[arg-type]  # click has checked them
    # Which anomalies it opens stands in its report; lines about them would run through the bar.
    logging.getLogger("kumo.engine").setLevel(logging.WARNING)
    done: list[Import] = []
    with _opened(url, key) as load:
        replaced = False
        for delivery in find_deliveries(files):
            with Bar() as bar:
                found = load(delivery, choices, bar.tell)
            _report(found)
            replaced |= _warn(found, done)
            done.append(found)
    if not done:
        click.echo("There is no bill in these folders.", err=True)
    sys.exit(0 if done and not replaced and all(found.state is not State.FAILED for found in done) else 1)


@contextmanager
def _opened(url: str, key: str) -> Iterator[Load]:
    """Give what imports a file: here, or into a Kumo elsewhere."""
    if url:
        yield lambda each, choices, tell: remote.run(url, key, _only_file(each), choices, tell)
        return
    with built() as ready:
        yield lambda each, choices, tell: _load(ready, each, choices, tell)


def _load(ready: Services, delivery: Located, choices: Choices, tell: Progress) -> Import:
    """Import a delivery; what is wrong with the machine is told like what is wrong with the file."""
    try:
        return importing.run(ready, delivery.source, delivery.name, choices, tell)
    except (OSError, MemoryError) as error:
        failure = Failure(f"cannot be imported now ({faults.describe(error)}): import it again", delivery.name)
        return Import(0, delivery.name, State.FAILED, error=failure)


def _only_file(delivery: Located) -> Path:
    """Return the one file that a delivery consists of; others cannot be uploaded as they are."""
    if isinstance(delivery.source, tuple):
        names = ", ".join(part.path.name for part in delivery.source[:3])
        raise click.ClickException(f"{names} … are parts of one delivery: put them into one zip to upload them.")
    return delivery.source.path


class Bar:
    """A bar on the standard error for what a command is at."""

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
        """Take it away."""
        self._progress.stop()

    def tell(self, phase: str, done: int, total: int) -> None:
        """Move on: `total` is 0 where nobody knows it."""
        task = self._tasks.get(phase)
        if task is None:
            task = self._tasks[phase] = self._progress.add_task(_LABELS[phase], total=None)
        self._progress.update(task, completed=done, total=total or None)


def _report(found: Import) -> None:
    """Say what became of one file: a table, or a sentence."""
    if found.state is State.FAILED:
        click.echo(f"{found.name} is refused, nothing of it is stored. {found.error}", err=True)
        return
    if found.state is State.FORGOTTEN:
        click.echo(f"{found.name}: import {found.id} was forgotten before it was over.", err=True)
        return
    if found.same_as:
        click.echo(f"{found.name}: the same as import {found.same_as}, nothing to do.")
        return
    table = Table(title=Text(f"Import {found.id}: {found.name}"), title_justify="left")
    for heading in ("", "entries", "money"):
        table.add_column(heading, justify="right" if heading == "entries" else "left")
    for name in ("added", "removed", "changed", "unchanged"):
        part: Part = getattr(found, name)
        table.add_row(name, f"{part.entries:,}", Text(_money(part.money)))
    days = found.first_day if found.first_day == found.last_day else f"{found.first_day} to {found.last_day}"
    table.add_section()
    table.add_row("in the file", f"{found.rows:,} rows", Text("\n".join(filter(None, (_money(found.money), days)))))
    table.add_row("anomalies", f"{found.anomalies:,}", "")
    Console().print(table)
    for note in found.notes:
        click.echo(f"Note: {note}.")


def _warn(found: Import, before: Iterable[Import]) -> bool:
    """Say where a file has replaced costs of another one of the same command, and whether it has."""
    if found.state is State.FAILED or not (found.removed.entries or found.changed.entries):
        return False
    replaced = False
    for other in before:
        together = found.first_day <= other.last_day and other.first_day <= found.last_day
        shared = sorted(map(str, set(found.scopes) & set(other.scopes)))
        if together and shared and other.state is not State.FAILED:
            replaced = True
            click.echo(
                f"{found.name} replaces what {other.name} says of {shared[0]}. If both are parts of one delivery,"
                " forget both and import its manifest, their folder, or one zip of them.",
                err=True,
            )
    return replaced


def _money(amounts: Mapping[str, str]) -> str:
    return "\n".join(f"{amount} {currency}" for currency, amount in amounts.items())


@click.command()
@click.option("--forget", metavar="ID", help="Take the entries of this import out again.")
def imports(forget: str | None) -> None:
    """List the imports, newest first, or forget one."""
    with built() as ready:
        if forget is None:
            _list(importing.listed(ready, MAX_LISTED))
            return
        with Bar() as bar:
            found = importing.forget(ready, forget, bar.tell)
    click.echo(f"Import {found.id} ({found.name}) is forgotten.")


def _list(found: Sequence[Import]) -> None:
    """Print a line for each, the parts separated by tabs."""
    for row in found:
        started = datetime.fromtimestamp(row.started_at / 1000, tz=UTC)
        state = f"done, as {row.same_as}" if row.same_as else str(row.state)
        counts = f"+{row.added.entries} -{row.removed.entries} ~{row.changed.entries}"
        what = str(row.error) if row.error else _money(row.money).replace("\n", ", ")
        days = "–".join(dict.fromkeys(filter(None, (row.first_day, row.last_day))))
        click.echo("\t".join((row.id, f"{started:%Y-%m-%d %H:%M}", state, row.name, days, counts, what)))
    if not found:
        click.echo("There is no import.", err=True)
