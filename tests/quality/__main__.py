"""`python -m tests.quality`: what each detector detects, on the suites and on series of another make."""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final

import click

from kumo.domain.detectors import DETECTORS
from tests.quality import others, series, table
from tests.quality.parts import PARTS, without
from tests.quality.replay import alerts
from tests.quality.score import Score, score
from tests.quality.series import Series

OTHERS: Final = tuple(f"others {seed}" for seed in others.SEEDS)
BUILD: Final = ("build_1", "build_2")
THRESHOLD: Final = 3.0
MIN_HISTORY: Final = 10
NOTHING: Final = "nothing"
EPISODE: Final = "one alert per episode"

_MARKED: Final = r"(<!-- {name}: begin .*?-->\n).*?(<!-- {name}: end -->)"


def main(arguments: Sequence[str]) -> int:
    """Measure and print; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    tables = {"quality": quality(chosen.suite or [*series.NAMES, *OTHERS])}
    click.echo(tables["quality"])
    if chosen.ablate:
        tables["parts"] = parts()
        click.echo(tables["parts"])
    if chosen.write:
        page = chosen.write.read_text()
        for name, text in tables.items():
            page = _renewed(page, name, text)
        chosen.write.write_text(page)
    return 0


def quality(suites: Iterable[str]) -> str:
    """Return the table of detectors on suites."""
    tasks = [(suite, detector, NOTHING) for suite in suites for detector in DETECTORS]
    with ProcessPoolExecutor() as pool:
        return table.text(table.HEAD, map(_row, tasks, pool.map(measured, tasks)))


def parts() -> str:
    """Return F1 of `adaptive` on the two suites it was built on, with each part switched off."""
    names = [NOTHING, EPISODE, *(part.name for part in PARTS)]
    tasks = [(suite, "adaptive", name) for name in names for suite in BUILD]
    with ProcessPoolExecutor() as pool:
        scores = list(pool.map(measured, tasks))
    rows = [(name, *_together(scores[2 * place : 2 * place + 2])) for place, name in enumerate(names)]
    head = ("without", "F1", "precision", "recall", "alerts per shift")
    return table.text(head, [rows[0], *sorted(rows[1:], key=lambda row: (row[1], row[0]))])


def measured(task: tuple[str, str, str]) -> Score:
    """Score a detector on a suite, with one part switched off."""
    suite, detector, off = task
    for part in PARTS:
        if part.name == off:
            with without(part):
                return _scored(suite, detector)
    return _scored(suite, detector, episodes=off != EPISODE)


def _scored(suite: str, detector: str, *, episodes: bool = True) -> Score:
    judged = DETECTORS[detector](THRESHOLD, MIN_HISTORY)
    return score((one, alerts(one, judged, episodes=episodes)) for one in _suite(suite))


@cache
def _suite(name: str) -> list[Series]:
    return others.generate(int(name.split()[1])) if name in OTHERS else series.load(name)


def _row(task: tuple[str, str, str], found: Score) -> tuple[str, ...]:
    return table.row(*task[:2], found)


def _together(scores: Sequence[Score]) -> tuple[str, ...]:
    figures = [(one.f1, one.precision, one.recall, one.alerts_per_shift) for one in scores]
    return tuple(f"{sum(column) / len(column):.3f}" for column in zip(*figures, strict=True))


def _renewed(page: str, name: str, text: str) -> str:
    return re.sub(_MARKED.format(name=name), lambda found: f"{found[1]}{text}{found[2]}", page, flags=re.DOTALL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description="What each detector detects.")
    parser.add_argument("--suite", action="append", choices=[*series.NAMES, *OTHERS], help="only this one; repeatable")
    parser.add_argument("--ablate", action="store_true", help="also switch each part of `adaptive` off")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables between their markers in this page")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
