import pytest
from redis import Redis

from tests.conftest import leaks


def test_the_guard_names_a_key_that_would_stay_for_ever(redis_client: Redis) -> None:
    redis_client.set("kumo:forgotten", "x")
    redis_client.set("kumo:brief", "x", ex=60)
    redis_client.set("kumo:{1}:kept", "x")
    assert leaks(redis_client, ("kumo:{*}:kept",)) == ["kumo:forgotten"]
    redis_client.flushall()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_starts_with_an_empty_server(turn: str, redis_client: Redis) -> None:
    assert redis_client.dbsize() == 0
    redis_client.set("kumo:brief", turn, ex=60)
