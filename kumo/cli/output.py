"""The output of commands as one JSON document, on request. Logs and errors go to the standard error."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., None])


def json_option(command: Command) -> Command:
    """Add the flag `--json` to a command, as the argument `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document.")(command)


def print_json(document: object) -> None:
    """Print a document on the standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def moment(at: int) -> str | None:
    """Write a time in ms, like the API; None if there is none yet."""
    return f"{datetime.fromtimestamp(at / 1000, tz=UTC).isoformat(timespec='milliseconds')[:-6]}Z" if at else None
