"""The command that replays a history and reports its alerts under other settings."""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import click

from kumo import settings
from kumo.cli.output import json_option, print_json
from kumo.domain.detectors import DETECTORS
from kumo.engine.backtest import history
from kumo.engine.backtest.rows import History
from kumo.engine.backtest.trial import Report, Trial, replay_history
from kumo.engine.ops.server import open_services
from kumo.errors import SettingsError
from kumo.settings import Settings

SETTABLE: Final = ("threshold", "window", "min_history")
HEADER: Final = ("series_id", "timestamp", "value", "z", "score", "status", "alert")
TITLES: Final = ("detector", "alerts", "a series-month", "anomalies")
SCORED: Final = ("events hit", "false alarms", "precision", "recall")


@click.command()
@click.argument("file", required=False, type=click.File("rb"), metavar="[FILE.csv]")
@click.option(
    "--detector",
    "detectors",
    multiple=True,
    type=click.Choice(DETECTORS),
    help="The detector; default: KUMO_DETECTOR. Repeat it to compare detectors.",
)
@click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE", help=f"Another {', '.join(SETTABLE)}. May be repeated."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write each verdict as CSV; - is stdout.",
)
@json_option
def backtest(
    file: io.BufferedReader | None,
    detectors: tuple[str, ...],
    changes: tuple[str, ...],
    out: Path | None,
    *,
    as_json: bool,
) -> None:
    """Replay a history and report the alerts that it would have raised.

    FILE.csv (UTF-8, also packed with gzip; - is stdin) has the columns series_id, timestamp and value, with a series'
    rows in order of arrival; no Redis is needed. A row that repeats an external_id of its series restates that entry.
    Groups are formed by the columns account, service, region and currency; without account, each series is an account
    and a service of its own, and a|b in series_id is service a in region b. Without a file the stored costs are
    replayed.

    With a column label (0 or 1), a run of rows of one series with label 1 is one event; any alert inside is a hit. A
    false alarm is a day (UTC) of a series with an alert outside all events. Precision is hits / (hits + false alarms),
    recall is hits / events.

    A series-month: from the day of a series' first timestamp to that of its last, both included; 30.44 days a month.

    Exit code 1 if the file or a setting is refused.
    """
    chosen = _settings(detectors, changes)
    if out is not None and len(chosen) > 1:
        raise click.UsageError("--out writes the verdicts of one detector; name only one.")
    if as_json and str(out) == "-":
        raise click.UsageError("--out - and --json both write to the standard output; name a file.")
    if file is not None:
        past = history.read_csv(file, file.name)
    else:
        with open_services() as ready:
            past = history.read_stored(ready.store)
    report = _run(past, chosen, out)
    if as_json:
        print_json(_describe(report))
    else:
        click.echo(_summary(report), err=str(out) == "-")


def _settings(detectors: Sequence[str], changes: Sequence[str]) -> list[Settings]:
    """Return the settings of each run: those of the environment with the changes."""
    environ = settings.environment() | dict(map(_change, changes))
    names = detectors or [settings.load(environ).detector]
    return [settings.load(environ | {"KUMO_DETECTOR": name}) for name in dict.fromkeys(names)]


def _change(text: str) -> tuple[str, str]:
    """Parse NAME=VALUE into a variable and its text."""
    name, _, value = (part.strip() for part in text.partition("="))
    if name not in SETTABLE or not value:
        raise SettingsError(f"--set {text!r} is not NAME=VALUE; names are {', '.join(SETTABLE)}")
    return f"KUMO_{name.upper()}", value


def _run(past: History, chosen: Sequence[Settings], out: Path | None) -> Report:
    if out is None:
        return replay_history(past, chosen)
    with _open_output(out) as file:
        report = replay_history(past, chosen)
        _write_rows(file, report)
    return report


@contextmanager
def _open_output(path: Path) -> Iterator[IO[str]]:
    """Open the output. A file is put in place when it is complete, so it may also be the input."""
    try:
        if str(path) == "-" or (path.exists() and not path.is_file()):
            with click.open_file(str(path), "w", encoding="utf-8") as file:
                yield file
        else:
            with _beside(path.resolve()) as file:
                yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from None


@contextmanager
def _beside(target: Path) -> Iterator[IO[str]]:
    """Open a file that replaces another once it is written."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            yield file
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _write_rows(file: IO[str], report: Report) -> None:
    """Write the header and a row for each row of the history. Reading a written float gives the same float."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    past, trial = report.history, report.trials[-1]
    for place, written in enumerate(past.written):
        status, z, score = trial.read_outcome(place)
        text = past.series[past.numbers[place]].text
        writer.writerow((text, *written, z, score, status.value, trial.alerted[place]))


def _summary(report: Report) -> str:
    chosen, series = report.trials[0].settings, len(report.history.series)
    labelled = report.trials[0].score is not None
    lines = [
        f"{len(report.history):,} rows, {series:,} series, {report.months:,.1f} series-months.",
        f"threshold {chosen.threshold:g}, window {chosen.window}, min_history {chosen.min_history}.",
    ]
    table = [TITLES + (SCORED if labelled else ())]
    table += [_figures(trial, report.months) for trial in report.trials]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join([*lines, *(_align(row, widths) for row in table)])


def _describe(report: Report) -> dict[str, object]:
    months = report.months
    return {
        "rows": len(report.history),
        "series": len(report.history.series),
        "series_months": months,
        "detectors": [_describe_trial(trial, months) for trial in report.trials],
    }


def _describe_trial(trial: Trial, months: float) -> dict[str, object]:
    chosen, score = trial.settings, trial.score
    figures = {
        **{"detector": chosen.detector} | {name: getattr(chosen, name) for name in SETTABLE},
        "alerts": trial.alerts,
        "alerts_a_series_month": trial.alerts / months if months else None,
        "anomalies": trial.anomalies,
    }
    scored = ("events", "hits", "false_alarms", "precision", "recall")
    return figures | ({name: getattr(score, name) for name in scored} if score else {})


def _figures(trial: Trial, months: float) -> tuple[str, ...]:
    often = f"{trial.alerts / months:.3f}" if months else "-"
    figures = (trial.settings.detector, f"{trial.alerts:,}", often, f"{trial.anomalies:,}")
    score = trial.score
    if score is None:
        return figures
    return (
        *figures,
        f"{score.hits:,}/{score.events:,}",
        f"{score.false_alarms:,}",
        _share(score.precision),
        _share(score.recall),
    )


def _share(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.3f}"


def _align(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *rest = row
    return "  ".join(
        [name.ljust(widths[0]), *(text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))]
    )
