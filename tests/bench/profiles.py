"""Where the time goes: in Python on the request path and in the judge, and call by call inside of the scripts."""

import cProfile
import io
import json
import pstats
from collections.abc import Callable
from typing import Final

import click
from flask import Flask
from werkzeug.test import EnvironBuilder

from kumo.app import create_app
from kumo.domain.entries import DAY_MS
from kumo.services import Services
from kumo.store import entries as store_entries
from tests.bench import filling, processes, reading, servertime
from tests.bench.filling import Plan

SERIES: Final = 100
ROWS: Final = 25


def show() -> None:
    """Profile single requests, a batch, and the judging of a backlog, and print the results."""
    with processes.server() as url:
        built = filling.alone(url)
        plan = filling.up_to_now(filling.series(SERIES), SERIES * 365, DAY_MS)
        filling.fill(built, plan)
        app = create_app(built)
        singles = filling.bodies(plan.series, 1_000)
        _post(app, "/ingest/", singles[0])
        _python("POST /ingest/, 1,000 of them", lambda: [_post(app, "/ingest/", body) for body in singles])
        [batch] = filling.batches(plan.following(10_000), 10_000)
        _python("POST /ingest/batch, 10,000 entries", lambda: _post(app, "/ingest/batch", batch))
        _python("judging them", lambda: filling.judge_all(built))
        for name, path in reading.questions_about(plan.series[0]).items():
            _python(f"reading {name}", lambda path=path: _get(app, path))
        for size in (1, 200):
            # Each in its own store: entries of an earlier one would be in the window and push these out.
            built.store.client.flushall()
            filling.fill(built, plan)
            _server(built, plan, size)


def _post(app: Flask, path: str, body: object) -> None:
    """Call the application as gunicorn would, without a socket."""
    content = json.dumps(body).encode()
    builder = EnvironBuilder(
        path=path, method="POST", input_stream=io.BytesIO(content), content_type="application/json"
    )
    environ = builder.get_environ() | {"CONTENT_LENGTH": str(len(content))}
    started: list[str] = []
    answer = app(environ, lambda status, _: started.append(status))  # type: ignore[arg-type]
    b"".join(answer)
    assert started[0].startswith("202"), started


def _get(app: Flask, path: str) -> None:
    path, _, query = path.partition("?")
    b"".join(app(EnvironBuilder(path=path, query_string=query).get_environ(), lambda *_: None))  # type: ignore[arg-type]


def _python(title: str, act: Callable[[], object]) -> None:
    profile = cProfile.Profile()
    profile.runcall(act)
    for order in ("cumulative", "tottime"):
        text = io.StringIO()
        pstats.Stats(profile, stream=text).strip_dirs().sort_stats(order).print_stats(ROWS)
        click.echo(f"== {title}, by {order}\n" + text.getvalue().split("\n", 4)[4].rstrip())


def _server(built: Services, plan: Plan, size: int) -> None:
    """Print the cost of each command inside of the scripts for an entry; the rest of a script's time is Lua."""
    client = built.store.client
    calls = list(filling.calls(Plan(plan.series, 20_000 if size > 1 else 2_000, plan.end_ms).entries(), 16, size))
    entries = sum(len(batch) for _, batch in calls)

    def record() -> None:
        for partition, batch in calls:
            store_entries.record(built.store, built.store.partitions[partition], batch)

    for title, act in (("recording", record), ("judging", lambda: filling.judge_all(built))):
        spent = servertime.during(client, act)
        click.echo(f"\n== {title} {entries:,} entries, {size} a call: calls and µs an entry, per command")
        for name, row in sorted(spent.items(), key=lambda item: -item[1].usec):
            if row.calls:
                click.echo(f"{name:20} {row.calls / entries:8.3f} {row.usec / entries:8.2f}")
