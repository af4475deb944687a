"""The processes that are measured, each on a server whose data is thrown away after."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from redis import Redis

from kumo.jobs import Jobs
from kumo.store import embedded
from kumo.store.client import connect
from tests.stack import answers, eventually, free_port

ROOT: Final = Path(__file__).parents[2]
KUMO: Final = "wsgi:app"
YARDSTICK: Final = "tests.bench.yardstick:app"
ALWAYS: Final = {"KUMO_LOG_LEVEL": "ERROR"}
"""The settings of each process that differ from the shipped ones."""


@contextmanager
def server() -> Iterator[str]:
    """Run the embedded server as shipped, and give its address.

    Only the rewriting of its append-only file is put off: it would fall into some rounds and not into others.
    """
    with tempfile.TemporaryDirectory(prefix="kumo-bench-") as folder, embedded.serve(Path(folder)) as url:
        with Redis.from_url(url) as client:
            client.config_set("auto-aof-rewrite-percentage", 0)
        yield url


def environment(redis_url: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process: the shipped settings, whatever this shell has set."""
    ours = ("KUMO_", "REDIS", "SLACK", "PORT", "WEB_CONCURRENCY")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return clean | ALWAYS | {"REDIS_URL": redis_url} | dict(given)


@contextmanager
def running(arguments: list[str], redis_url: str, **given: str) -> Iterator[None]:
    """Run a Python module as a process; its output is dropped unless it fails to start."""
    command = [sys.executable, "-m", *arguments]
    process = subprocess.Popen(command, env=environment(redis_url, given), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def web(redis_url: str, app: str = KUMO, options: tuple[str, ...] = (), **given: str) -> Iterator[int]:
    """Run an application under gunicorn with the settings that Kumo ships, or others; gives its port."""
    port = free_port()
    arguments = ["gunicorn", "-c", "python:kumo.serving", "--log-level", "error", *options, app]
    with running(arguments, redis_url, PORT=str(port), **given):
        eventually(lambda: answers(f"http://127.0.0.1:{port}"))
        yield port


@contextmanager
def workers(redis_url: str, *commands: list[str], **given: str) -> Iterator[None]:
    """Run RQ workers, once all of them have registered in Redis."""
    with Redis.from_url(redis_url) as client:
        before = client.scard("rq:workers")
        with _all(redis_url, commands, given):
            eventually(lambda: client.scard("rq:workers") >= before + len(commands))
            yield


def jobs(redis_url: str) -> Jobs:
    """Return the queues that those workers listen to."""
    return Jobs(connect(redis_url))


@contextmanager
def _all(redis_url: str, commands: tuple[list[str], ...], given: Mapping[str, str]) -> Iterator[None]:
    if not commands:
        yield
        return
    with running(commands[0], redis_url, **given), _all(redis_url, commands[1:], given):
        yield


@contextmanager
def client_process() -> Iterator[ProcessPoolExecutor]:
    """Run a process as the client, so that its cost does not count for the server or the measurement."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool
