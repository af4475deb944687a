"""The application in this process over services on the real server, with the judge called by hand."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient

from kumo import services, settings
from kumo.engine.detection import judge
from kumo.services import Services
from tests.clients import client_of

Serve = Callable[..., FlaskClient]


@pytest.fixture
def serve(redis_url: str) -> Iterator[Serve]:
    """Return a function that serves Kumo, with other settings or parts of the services if wanted.

    Alerts know no age in it, and the plain rule judges, whose figures can be worked out by hand.
    """
    usual = {"REDIS_URL": redis_url, "KUMO_ALERT_MAX_AGE": "0", "KUMO_DETECTOR": "zscore"}

    with ExitStack() as clients:

        def served(environ: dict[str, str] | None = None) -> FlaskClient:
            chosen = settings.load(usual | (environ or {}))
            return clients.enter_context(client_of(services.build(chosen)))

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
