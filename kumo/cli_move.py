"""The commands that take a store into a file and out of it again."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from kumo import services
from kumo.cli_imports import Bar
from kumo.engine import exporting, restoring
from kumo.engine import verify as verifying
from kumo.engine.archive import Contents
from kumo.opening import built, served
from kumo.services import Services

WORDS = (("entry", "entries"), ("series", "series"), ("anomaly", "anomalies"), ("alert", "alerts"))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
def export(file: Path) -> None:
    """Write everything in the store into FILE, gzip over lines of JSON; - is stdout.

    Kumo may run meanwhile: each series is as it was at one moment, and what arrives meanwhile may be in FILE or not.
    The file holds no secrets but the digests of API keys: the addresses that alerts go to stay in the settings.
    """
    with built() as ready, _written(file) as target, Bar() as bar:
        contents = exporting.export(ready, target, bar.tell)
    click.echo(f"Exported {_counted(contents)}.", err=True)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill an empty store from FILE, which `export` wrote; KUMO_PARTITIONS may be another than before.

    No Kumo may run on the store. Where this is interrupted, run it again: until then no Kumo starts on the store. In
    the end every sum is recomputed; exit code 1 where one differs.
    """
    with served() as chosen:
        ready = services.build(chosen)
        with restoring.alone(ready):
            with Bar() as bar:
                contents = restoring.restore(ready, file, bar.tell)
            click.echo(f"Restored {_counted(contents)}.", err=True)
            equal = verify_sums(ready)
            restoring.open_(ready)
    for sentence in restoring.changed_settings(ready, contents):
        click.echo(sentence, err=True)
    sys.exit(0 if equal else 1)


def verify_sums(ready: Services) -> bool:
    """Recompute every sum and say what is found; returns whether all are equal."""
    found = list(verifying.differences(ready))
    checked = verifying.size(ready)
    for difference in found:
        click.echo(difference, err=True)
    click.echo(f"{checked}: {'all sums equal.' if not found else f'{len(found)} sums differ.'}")
    return not found


def _counted(contents: Contents) -> str:
    counts = {kind: contents.counts.get(kind, 0) for kind, _ in WORDS}
    return ", ".join(f"{counts[kind]:,} {kind if counts[kind] == 1 else many}" for kind, many in WORDS)


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    """Give the file to write to, which takes its name once it is whole and on the disk."""
    if str(path) == "-":
        if sys.stdout.isatty():
            raise click.UsageError("An export is no text to be read: name a file, or send it through a pipe.")
        yield sys.stdout.buffer
        return
    part = path.with_name(path.name + ".part")
    try:
        # Whoever may read the file may read all costs, so it is its owner's alone.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from None
    finally:
        part.unlink(missing_ok=True)
