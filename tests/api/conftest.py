"""The application in this process over services on the real server, with the judge called by hand."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient

from kumo.engine.detection import judge
from kumo.services import Services
from tests.clients import client_of
from tests.conftest import Build

Serve = Callable[..., FlaskClient]


@pytest.fixture
def serve(build: Build) -> Iterator[Serve]:
    """Return a function that serves Kumo, with other settings or parts of the services if wanted.

    The detector is `zscore`, whose figures can be worked out by hand.
    """
    with ExitStack() as clients:

        def served(environ: dict[str, str] | None = None) -> FlaskClient:
            return clients.enter_context(client_of(build(**{"KUMO_DETECTOR": "zscore"} | (environ or {}))))

        yield served


@pytest.fixture
def client(serve: Serve) -> FlaskClient:
    return serve()


@pytest.fixture
def built(client: FlaskClient) -> Services:
    found: Services = client.application.extensions["kumo"]
    return found


@pytest.fixture
def judged(built: Services) -> Callable[[], None]:
    """Return a function that judges all that waits."""

    def run() -> None:
        for number in range(len(built.store.partitions)):
            judge.judge_partition(built, number)

    return run


@pytest.fixture
def judging(judged: Callable[[], None]) -> Iterator[None]:
    """Judge in the background, as a worker would."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(0.002):
            judged()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    over.set()
    thread.join()
