"""The command that watches a folder for bills."""

import logging
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Final

import click
import redis

from kumo import faults, outages
from kumo.cli.choices import choosing
from kumo.cli.output import json_option, print_json
from kumo.cli.report import describe
from kumo.domain.imports import Import
from kumo.engine.imports.choices import Choices
from kumo.engine.imports.watch import Watch, WatchStoppedError
from kumo.engine.ops.server import open_services, revive
from kumo.settings import Settings

EVERY_SECONDS: Final = 60.0

_log = logging.getLogger(__name__)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@choosing
@click.option("--every", type=click.FloatRange(min=0.1), default=EVERY_SECONDS, help="Seconds between two checks.")
@click.option("--once", is_flag=True, help="Check twice, import files that did not change in between, and end.")
@json_option
def watch(folder: Path, *, every: float, once: bool, as_json: bool, **chosen: object) -> None:
    """Import files that arrive in FOLDER, and again whenever they change, until told to stop.

    Files that are still being written are imported later. With --once the exit code is 1 if a file was refused.
    """
    if as_json and not once:
        raise click.UsageError("--json needs --once, because otherwise the command does not end.")
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_services() as ready:
        watching = Watch(ready, folder, Choices(**chosen), stop.is_set)  # type: ignore[arg-type]  # click has checked
        if once:
            code, done = _twice(watching, stop, every)
            if as_json:
                print_json({"imports": [describe(row, ready.settings.public_url) for row in done]})
            sys.exit(code)
        _log.info("Watching %s, every %g s.", folder, every)
        while not stop.is_set():
            _look(watching, ready.settings)
            stop.wait(every)


def _twice(watching: Watch, stop: Event, every: float) -> tuple[int, list[Import]]:
    """Check twice; return the exit code and the imports. An unavailable Redis or a full disk ends the command."""
    done: list[Import] = []
    try:
        watching.look()
        if not stop.wait(every):
            done = watching.look()
    except WatchStoppedError:
        return 1, done
    except (OSError, MemoryError) as error:
        _log.error("A delivery cannot be imported now (%s): the next start will try again.", faults.describe(error))
        return 1, done
    return (1 if stop.is_set() or any(row.error for row in done) else 0), done


def _look(watching: Watch, settings: Settings) -> None:
    """Check once; a fault of the machine is logged and does not end the watcher."""
    try:
        watching.look()
    except WatchStoppedError:
        _log.info("Stopped in the middle of an import; the next start continues it.")
    except redis.RedisError as error:
        if outages.unavailable(error) is None:
            raise
        _log.warning("Redis cannot be used now (%s): the next check will try again.", type(error).__name__)
        revive(settings)
    except (OSError, MemoryError) as error:
        _log.warning("A delivery cannot be imported now (%s): the next check will try again.", faults.describe(error))
