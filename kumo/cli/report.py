"""The results of imports: as a table, as lines, as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kumo.cli.output import moment
from kumo.domain.imports import Figures, Import, ImportStatus

NAMED: Final = (
    *("name", "status", "format", "source", "dataset", "digest", "rows", "first_day", "last_day"),
    *("services", "learning", "anomalies", "left_out", "same_as"),
)


def report(found: Import, address: str) -> None:
    """Print the result for one file: a table with a link to the Kumo at `address`, or a sentence."""
    if found.status is not ImportStatus.DONE:
        return
    if found.same_as:
        click.echo(f"{found.name}: same as import {found.same_as}, nothing to do.")
        return
    table = Table(title=Text(f"Import {found.id}: {found.name}"), title_justify="left")
    for heading in ("", "entries", "money"):
        table.add_column(heading, justify="right" if heading == "entries" else "left")
    for name in ("added", "removed", "changed", "unchanged"):
        part: Figures = getattr(found, name)
        table.add_row(name, f"{part.entries:,}", Text(_money(part.money)))
    table.add_section()
    table.add_row("in the file", f"{found.rows:,} rows", Text(_money(found.money)))
    table.add_row("days", "", found.first_day if found.first_day == found.last_day else _span(found))
    table.add_row("services", f"{found.services:,}", "")
    table.add_row("learning", f"{found.learning:,}", "")
    table.add_row("anomalies", f"{found.anomalies:,}", "")
    if found.left_out:
        table.add_row("left out", f"{found.left_out:,} days", "")
    Console().print(table)
    tell_notes(found)
    if link := link_to(found, address):
        click.echo(link)


def tell_notes(found: Import) -> None:
    """Print the notes of an import."""
    for note in found.notes:
        click.echo(f"Note: {note}.")


def complain(found: Import) -> None:
    """Print on the standard error why a file was not imported, if so."""
    if found.status is ImportStatus.FAILED:
        click.echo(f"{found.name} is refused, nothing of it is stored. {found.error}", err=True)
    elif found.status is ImportStatus.FORGOTTEN:
        click.echo(f"{found.name}: import {found.id} was forgotten before it ended.", err=True)


def link_to(found: Import, address: str) -> str:
    """Return the link to the days of an import, empty if it has none."""
    if not found.first_day or not address:
        return ""
    return f"{address}/dashboard/?from={found.first_day}&to={found.last_day}"


def describe(found: Import, address: str) -> dict[str, Any]:
    """Return an import as a document, with the names of the API."""
    parts = {name: getattr(found, name) for name in ("added", "removed", "changed", "unchanged")}
    return {
        "id": found.id if found.number else None,
        **{name: None if (value := getattr(found, name)) == "" else value for name in NAMED},
        **{name: {"entries": part.entries, "money": dict(part.money)} for name, part in parts.items()},
        "money": dict(found.money),
        "scopes": [asdict(scope, dict_factory=_drop_unknown) for scope in found.scopes],
        "notes": list(found.notes),
        "error": asdict(found.error, dict_factory=_drop_unknown) if found.error else None,
        "started_at": moment(found.started_at),
        "finished_at": moment(found.finished_at),
        "link": link_to(found, address) or None,
    }


def _drop_unknown(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in fields if name != "unknown"}


def _span(found: Import) -> str:
    return f"{found.first_day} to {found.last_day}"


def _money(amounts: Mapping[str, str]) -> str:
    return "\n".join(f"{amount} {currency}" for currency, amount in amounts.items())


def list_lines(found: Sequence[Import]) -> None:
    """Print a line for each, with its parts separated by tabs."""
    for row in found:
        started = datetime.fromtimestamp(row.started_at / 1000, tz=UTC)
        status = f"done, as {row.same_as}" if row.same_as else str(row.status)
        counts = f"+{row.added.entries} -{row.removed.entries} ~{row.changed.entries}"
        what = str(row.error) if row.error else _money(row.money).replace("\n", ", ")
        days = "–".join(dict.fromkeys(filter(None, (row.first_day, row.last_day))))
        click.echo("\t".join((row.id, f"{started:%Y-%m-%d %H:%M}", status, row.name, days, counts, what)))
    if not found:
        click.echo("There are no imports.", err=True)
