"""`python -m tests.quality`: what each detector detects, and how rarely a healthy fleet raises an alert."""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final

import click

from kumo.domain.detectors import DETECTORS
from kumo.settings import Settings
from tests.quality import fleet, others, series, table
from tests.quality.feeds import FEEDS, Told, count_differences, tell
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
ONCE: Final = "once"
FLEETS: Final = ((50, 90), (1000, 365), (10_000, 90))

_MARKED: Final = r"(<!-- {name}: begin .*?-->\n).*?(<!-- {name}: end -->)"


def main(arguments: Sequence[str]) -> int:
    """Measure and print; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    suites = chosen.suite or [*series.NAMES, *OTHERS]
    tables: dict[str, Callable[[], str]] = {
        "quality": lambda: quality(suites, shipped=False),
        "feeds": lambda: feeds(suites),
        "shipped": lambda: quality(suites, shipped=True),
        "fleet": fleets,
        "parts": parts,
    }
    page = chosen.write.read_text() if chosen.write else ""
    for name in chosen.table or [each for each in tables if each != "parts"]:
        text = tables[name]()
        click.echo(f"{name}\n{text}")
        page = _renewed(page, name, text)
    if chosen.write:
        chosen.write.write_text(page)
    return 0


def quality(suites: Iterable[str], *, shipped: bool) -> str:
    """Return the table of detectors on suites, all rows arriving once: without minimums and budget, or as shipped."""
    tasks = [(suite, detector, shipped) for suite in suites for detector in DETECTORS]
    with ProcessPoolExecutor() as pool:
        return table.text(table.HEAD, [row for rows in pool.map(_measure, tasks) for row in rows])


def _measure(task: tuple[str, str, bool]) -> list[tuple[str, ...]]:
    name, detector, shipped = task
    suite = _suite(name)
    told = tell(suite, ONCE, Settings(detector=detector) if shipped else _everything(detector))
    rows = [table.row(name, detector, _score(suite, told.named))]
    return rows if shipped else [table.row(f"{name}, series only", detector, _score(suite, told.alone)), *rows]


def feeds(suites: Iterable[str]) -> str:
    """Return the table of feeds: daily series that arrive once, and restated."""
    tasks = [(suite, detector) for suite in suites for detector in DETECTORS]
    with ProcessPoolExecutor() as pool:
        rows = [row for rows in pool.map(_compare_feeds, tasks) for row in rows]
    return table.text(("suite", "detector", "feed", "F1", "precision", "recall", "other days alerted"), rows)


def _compare_feeds(task: tuple[str, str]) -> list[tuple[str, ...]]:
    name, detector = task
    suite = [one for one in _suite(name) if one.granularity == "daily"]
    told: dict[str, Told] = {feed: tell(suite, feed, _everything(detector)) for feed in FEEDS}
    rows = []
    for feed, each in told.items():
        found, other = _score(suite, each.named), count_differences(told[ONCE].named, each.named)
        figures = (f"{figure:.3f}" for figure in (found.f1, found.precision, found.recall))
        rows.append((f"{name}, daily", f"`{detector}`", feed, *figures, str(other)))
    return rows


def fleets() -> str:
    """Return the table of healthy fleets, with the default settings."""
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(fleet.measure, *zip(*FLEETS, strict=True)))
    head = ("series", "days", "messages after the first month", "of these about groups", "a week")
    return table.text(
        head,
        [(f"{one.series:,}", str(one.days), str(one.messages), str(one.groups), f"{one.a_week:.2f}") for one in found],
    )


def parts() -> str:
    """Return F1 of `adaptive` on entries of the two suites it was built on, with each part switched off."""
    names = [NOTHING, EPISODE, *(part.name for part in PARTS)]
    tasks = [(suite, name) for name in names for suite in BUILD]
    with ProcessPoolExecutor() as pool:
        scores = list(pool.map(_measure_without, tasks))
    rows = [(name, *_together(scores[2 * place : 2 * place + 2])) for place, name in enumerate(names)]
    head = ("without", "F1", "precision", "recall", "alerts per shift")
    return table.text(head, [rows[0], *sorted(rows[1:], key=lambda row: (row[1], row[0]))])


def _measure_without(task: tuple[str, str]) -> Score:
    suite, off = task
    for part in PARTS:
        if part.name == off:
            with without(part):
                return _score_entries(suite)
    return _score_entries(suite, episodes=off != EPISODE)


def _score_entries(suite: str, *, episodes: bool = True) -> Score:
    judged = DETECTORS["adaptive"](THRESHOLD, MIN_HISTORY)
    return score((one, alerts(one, judged, episodes=episodes)) for one in _suite(suite))


def _score(suite: Sequence[Series], rows: Sequence[Sequence[int]]) -> Score:
    return score(zip(suite, rows, strict=True))


def _everything(detector: str) -> Settings:
    return Settings(detector=detector, min_impact=0.0, min_share=0.0, false_alerts=0.0)


@cache
def _suite(name: str) -> list[Series]:
    return others.generate(int(name.split()[1])) if name in OTHERS else series.load(name)


def _together(scores: Sequence[Score]) -> tuple[str, ...]:
    figures = [(one.f1, one.precision, one.recall, one.alerts_per_shift) for one in scores]
    return tuple(f"{sum(column) / len(column):.3f}" for column in zip(*figures, strict=True))


def _renewed(page: str, name: str, text: str) -> str:
    return re.sub(_MARKED.format(name=name), lambda found: f"{found[1]}{text}{found[2]}", page, flags=re.DOTALL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description="What each detector detects.")
    parser.add_argument("--suite", action="append", choices=[*series.NAMES, *OTHERS], help="only this one; repeatable")
    parser.add_argument(
        "--table",
        action="append",
        choices=["quality", "feeds", "shipped", "fleet", "parts"],
        help="only this one; repeatable. `parts`, each part of `adaptive` switched off, is printed only then",
    )
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables between their markers in this page")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
