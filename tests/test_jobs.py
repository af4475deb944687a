"""Enqueueing while the broker is away: no caller waits for it more than once."""

from collections.abc import Iterator

import pytest
import redis
from redis import Redis

from kumo.jobs import CircuitBreaker, Jobs
from kumo.store.client import connect
from tests.silence import SilentServer, silent_server
from tests.stack import free_port

HOUR = 3600.0


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    with silent_server() as server:
        yield server


def hasty(url: str, pause: float = HOUR) -> Jobs:
    jobs = Jobs(connect(url, 0.2, 0.2))
    jobs.breaker.pause = pause
    return jobs


def test_one_of_many_waits_for_a_broker_that_does_not_answer(silent: SilentServer) -> None:
    jobs = hasty(silent.url)
    for partition in range(10):
        jobs.judge(partition)
    jobs.notify()
    jobs.import_()
    assert silent.connections == 1


def test_after_a_pause_one_asks_again(silent: SilentServer) -> None:
    jobs = hasty(silent.url, pause=0.0)
    for partition in range(3):
        jobs.judge(partition)
    assert silent.connections == 3


def test_a_broker_that_refuses_at_once_is_asked_each_time() -> None:
    breaker, asked = CircuitBreaker(HOUR), []
    client = connect(f"redis://127.0.0.1:{free_port()}")
    for _ in range(3):
        with pytest.raises(redis.ConnectionError):
            breaker.call(lambda: asked.append(1) or client.ping())  # type: ignore[func-returns-value]
    assert len(asked) == 3


def test_what_gets_through_lets_the_others_through(redis_client: Redis, silent: SilentServer) -> None:
    breaker = CircuitBreaker(HOUR)
    with pytest.raises(redis.RedisError):
        breaker.call(connect(silent.url, 0.2, 0.2).ping)
    with pytest.raises(redis.ConnectionError, match="a moment ago"):
        breaker.call(redis_client.ping)
    breaker.pause = 0.0
    breaker._closed_from = 1e-9  # the pause is over
    assert breaker.call(redis_client.ping)
    assert breaker.call(redis_client.ping)
