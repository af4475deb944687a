"""The options of reading a bill, for every command that reads one."""

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
        """Parse them; refuse unknown ones."""
        if isinstance(value, frozenset):
            return value
        names = frozenset(part.strip().lower() for part in str(value).split(",") if part.strip())
        if unknown := names - CATEGORIES:
            known = ", ".join(sorted(CATEGORIES - {USAGE}))
            self.fail(f"{', '.join(sorted(unknown))}: unknown charge category; known are {known}", param, ctx)
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
        "--granularity", type=click.Choice(GRANULARITIES), default="daily", help="One entry a day, or an hour."
    ),
    click.option("--amount", type=click.Choice(AMOUNTS), default="amortized", help="The amount to use."),
    click.option("--currency", default="", metavar="CODE", help="The currency of rows without one."),
    click.option("--account", default="", metavar="NAME", help="The account of rows without one."),
    click.option(
        "--map",
        default="",
        metavar="NAME=COLUMN,…",
        callback=_check_map,
        help="The columns of any table: timestamp=Date,amount=Cost,service=Product,currency==EUR.",
    ),
    click.option("--source", default="", metavar="NAME", help="The origin of the bills; two sources add up."),
    click.option(
        "--counts",
        default="",
        metavar="NAME",
        help="The source or format that counts if two formats have the same account and day.",
    ),
    click.option("--complete", is_flag=True, help="Each bill has all of its accounts: missing accounts are removed."),
    click.option(
        "--detect", type=Categories(), default=frozenset(), help="Charge categories to judge in addition to usage."
    ),
)


def choosing(command: Command) -> Command:
    """Add the options of reading a bill to a command."""
    for option in reversed(_CHOICES):
        command = option(command)
    return command
