"""The command `rebuild`."""

import sys
from dataclasses import asdict
from typing import Final

import click

from kumo.cli.output import json_option, print_json
from kumo.engine.ops import rebuilding
from kumo.engine.ops.rebuilding import Rebuilt
from kumo.engine.ops.server import open_services

_PERCENT: Final = 100


@click.command()
@json_option
def rebuild(*, as_json: bool) -> None:
    """Compute all totals again from the costs, correct what is wrong, and judge every day again.

    It runs beside the service, may be stopped and run again, and sends nothing about the past. Days that the retention
    has reached keep their totals.
    """
    with open_services() as ready:
        built = rebuilding.rebuild(ready, _Progress().tell)
    if as_json:
        print_json(asdict(built))
    else:
        _tell(built)


class _Progress:
    """Tells how far a rebuild is: on the error output, when the percentage changes."""

    def __init__(self) -> None:
        self._told = ""

    def tell(self, step: str, done: int, count: int) -> None:
        """Tell that so many of `count` parts of a step are done."""
        text = f"{step}: {_PERCENT * done // max(count, 1)} %"
        if text != self._told:
            self._told = text
            click.echo(text, err=True)
            sys.stderr.flush()


def _tell(built: Rebuilt) -> None:
    for sentence in built.differences:
        click.echo(sentence)
    wrong = built.wrong_totals + built.wrong_shares
    more = f"{wrong:,} totals were wrong and are corrected." if wrong else "All totals were right."
    click.echo(f"{built.entries:,} entries of {built.series:,} series. {more}")
