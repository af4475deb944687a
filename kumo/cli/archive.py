"""The commands that write a store into a file and fill a store from it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click

from kumo import services
from kumo.cli.imports import Bar
from kumo.cli.output import json_option, print_json
from kumo.engine.ops import exporter, restorer
from kumo.engine.ops.archive import Contents
from kumo.engine.ops.server import open_services, serve
from kumo.engine.ops.verification import Checked, verify_sums

WORDS = (("entry", "entries"), ("series", "series"), ("anomaly", "anomalies"), ("alert", "alerts"))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@json_option
def export(file: Path, *, as_json: bool) -> None:
    """Write everything in the store into FILE, as JSON lines in gzip; - is stdout.

    Kumo may run during the export: each series is of one moment, and later arrivals may or may not be in FILE.
    The file contains no secrets except digests of API keys; the addresses of alerts stay in the settings.
    """
    if as_json and str(file) == "-":
        raise click.UsageError("The export itself goes to the standard output: name a file, or omit --json.")
    with open_services() as ready, _write_whole(file) as target, Bar() as bar:
        contents = exporter.export(ready, target, bar.show)
    if as_json:
        print_json({"file": str(file), "exported": _counts(contents)})
    else:
        click.echo(f"Exported {_count(contents)}.", err=True)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def restore(file: Path, *, as_json: bool) -> None:
    """Fill an empty store from FILE, written by `export`; KUMO_PARTITIONS may have changed.

    No Kumo may run on the store. If the command is interrupted, run it again: until then no Kumo starts on the store.
    At the end it recomputes every sum; exit code 1 if one differs.
    """
    with serve() as chosen:
        ready = services.build(chosen)
        with restorer.alone(ready):
            with Bar() as bar:
                contents = restorer.restore(ready, file, bar.show)
            click.echo(f"Restored {_count(contents)}.", err=True)
            checked = verify_sums(ready)
            restorer.open_(ready)
    changed = restorer.find_changed_settings(ready, contents)
    if as_json:
        counts = {"file": str(file), "restored": _counts(contents)}
        print_json({**counts, "verified": asdict(checked), "changed_settings": changed})
    else:
        tell_differences(checked)
        for sentence in changed:
            click.echo(sentence, err=True)
    sys.exit(1 if checked.differences else 0)


def tell_differences(found: Checked) -> None:
    """Print which sums differ, or that none does, and which cannot be verified."""
    for difference in found.differences:
        click.echo(difference, err=True)
    none = "all sums equal" if found.groups_complete and not found.verifiable_from else "no sum differs"
    said = f"{len(found.differences)} sums differ" if found.differences else none
    click.echo(f"{found.entries} entries in {found.series} series: {said}.")
    if found.verifiable_from:
        click.echo(
            f"Totals of days before {found.verifiable_from} cannot be verified: the retention removed costs of them."
        )
    if not found.groups_complete:
        click.echo("Totals of groups cannot be verified yet: Kumo still adds series to them.")


def _counts(contents: Contents) -> dict[str, int]:
    return {many: contents.counts.get(kind, 0) for kind, many in WORDS}


def _count(contents: Contents) -> str:
    counts = {kind: contents.counts.get(kind, 0) for kind, _ in WORDS}
    return ", ".join(f"{counts[kind]:,} {kind if counts[kind] == 1 else many}" for kind, many in WORDS)


@contextmanager
def _write_whole(path: Path) -> Iterator[IO[bytes]]:
    """Yield the file to write to, which gets its name once it is complete and on the disk."""
    if str(path) == "-":
        if sys.stdout.isatty():
            raise click.UsageError("An export is not text for a terminal: name a file, or send it through a pipe.")
        yield sys.stdout.buffer
        return
    part = path.with_name(path.name + ".part")
    try:
        # Anyone who can read the file can read all costs, so only its owner may.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from None
    finally:
        part.unlink(missing_ok=True)
