"""`python -m tests.bench`: measure every line, or those named, and print the table."""

import argparse
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from tests.bench import (
    batch,
    concurrency,
    document,
    flatness,
    importing,
    judging,
    latency,
    machine,
    memory,
    parquet,
    profiles,
    rare,
    reading,
    script,
    single,
    sweeping,
)
from tests.bench.sizes import FULL, QUICK, Size
from tests.bench.table import Row, text

LINES: Final[dict[str, Callable[[Size], list[Row]]]] = {
    "single": single.measure,
    "batch": batch.measure,
    "script": script.measure,
    "judging": judging.measure,
    "latency": latency.measure,
    "flatness": flatness.measure,
    "memory": memory.measure,
    "reading": reading.measure,
    "concurrency": concurrency.measure,
    "importing": importing.measure,
    "parquet": parquet.measure,
    "sweeping": sweeping.measure,
    "rare": rare.measure,
}


def main(arguments: list[str]) -> int:
    """Measure and print; return the exit code, which is 0 even if a goal is missed."""
    chosen = _parser().parse_args(arguments)
    if chosen.profile:
        profiles.show()
        return 0
    size = QUICK if chosen.quick else FULL
    size = replace(size, rounds=chosen.rounds or size.rounds)
    rows = measured(chosen.only or list(LINES), size)
    for line in (machine.described(), *text(rows)):
        click.echo(line)
    if chosen.write:
        document.write(chosen.write, rows, shlex.join(["python", "-m", "tests.bench", *arguments]))
    return 0


def measured(names: list[str], size: Size) -> list[Row]:
    """Measure the named lines, and print the progress."""
    rows: list[Row] = []
    for name in names:
        begun = time.monotonic()
        click.echo(f"{name} …", err=True)
        rows += LINES[name](size)
        click.echo(f"{name}: {time.monotonic() - begun:.0f} s", err=True)
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller stores and fewer samples")
    parser.add_argument("--only", nargs="+", choices=LINES, metavar="NAME", help=f"of {', '.join(LINES)}")
    parser.add_argument("--rounds", type=int, help="how often each line and its yardstick take turns")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between the marks of this document")
    parser.add_argument("--profile", action="store_true", help="show where the time goes instead")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
