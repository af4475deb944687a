"""The options that say how a bill is to be read, for every command that reads one."""

from collections.abc import Callable
from typing import Final, TypeVar

import click

from kumo.domain.categories import CATEGORIES, USAGE
from kumo.engine.imports.choices import AMOUNTS, GRANULARITIES, check_map

Command = TypeVar("Command", bound=Callable[..., None])


class Categories(click.ParamType[frozenset[str]]):
    """Charge categories, separated by commas."""

    name = "category,…"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        """Read them, refusing those that no bill has."""
        if isinstance(value, frozenset):
            return value
        names = frozenset(part.strip().lower() for part in str(value).split(",") if part.strip())
        if unknown := names - CATEGORIES:
            known = ", ".join(sorted(CATEGORIES - {USAGE}))
            self.fail(f"{', '.join(sorted(unknown))}: no such charge category; there are {known}", param, ctx)
        return names


def _check_map(_: click.Context, __: click.Parameter, text: str) -> str:
    try:
        if text:
            check_map(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from None
    return text


_CHOICES: Final = (
    click.option(
        "--granularity", type=click.Choice(GRANULARITIES), default="daily", help="An entry a day, or an hour."
    ),
    click.option("--amount", type=click.Choice(AMOUNTS), default="amortized", help="Which amount counts."),
    click.option("--currency", default="", metavar="CODE", help="The currency of rows that name none."),
    click.option("--account", default="", metavar="NAME", help="The account of rows that name none."),
    click.option(
        "--map",
        default="",
        metavar="NAME=COLUMN,…",
        callback=_check_map,
        help="The columns of any table: timestamp=Date,amount=Cost,service=Product,currency==EUR.",
    ),
    click.option(
        "--source", default="", metavar="NAME", help="Where the bills come from: those of two sources add up."
    ),
    click.option(
        "--counts",
        default="",
        metavar="NAME",
        help="Which source or format counts where two formats have the same account and day.",
    ),
    click.option("--complete", is_flag=True, help="Each bill has all of its accounts: those that it lacks are gone."),
    click.option(
        "--detect", type=Categories(), default=frozenset(), help="Charge categories to look at besides usage."
    ),
)


def choosing(command: Command) -> Command:
    """Give a command the options that say how a bill is to be read."""
    for option in reversed(_CHOICES):
        command = option(command)
    return command
