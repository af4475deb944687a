"""A short attack with a kill at every point, and proof that each safeguard is needed; `make chaos` does hundreds."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos import report
from tests.chaos.ablations import ABLATIONS, JUMP, STEADY, play
from tests.chaos.book import Book
from tests.chaos.failpoints import DAILY, LEAST, NEEDED, POINTS
from tests.chaos.journal import KILL
from tests.chaos.scene import scene
from tests.chaos.server import Server
from tests.chaos.storm import Plan, attack

OPEN_FAULT = pytest.mark.xfail(
    strict=False,
    reason="In some storms a verdict or a checkpoint of a total differs, or an end is not reached: not found yet",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("scenes"), "always")
    running.start()
    yield running
    running.kill()


@pytest.mark.parametrize("name", ABLATIONS)
def test_the_oracle_is_silent_with_a_safeguard_and_speaks_without_it(server: Server, name: str) -> None:
    assert [text for texts in play(server.url, name, cut=False).wrong.values() for text in texts] == []
    assert not play(server.url, name, cut=True).clean


def test_a_judge_commits_nothing_that_redis_has_forgotten(tmp_path: Path) -> None:
    server = Server(tmp_path, "always")
    server.start()
    try:
        on = scene(server.url, {}, cut=False)
        on.post(STEADY, "kept")
        shutil.copytree(tmp_path / "appendonlydir", tmp_path / "a second ago")
        replace(on, book=Book()).post((*STEADY, JUMP), "forgotten")
        on.judge(on.at("commit.before", lambda: _forget(server, tmp_path)))
        on.judge()
        on.post(STEADY, "after")
        on.rest()
        assert on.findings().clean
    finally:
        server.kill()


def _forget(server: Server, folder: Path) -> None:
    """Bring back the Redis of a second ago, as one does that was killed before it had written."""
    server.kill()
    shutil.rmtree(folder / "appendonlydir")
    (folder / "a second ago").rename(folder / "appendonlydir")
    server.start()


@OPEN_FAULT
@pytest.mark.timeout(420)
def test_nothing_is_lost_or_counted_twice_whatever_is_killed() -> None:
    plan = Plan(seed=11, kills=30, seconds=180, appendfsync="always", pause=1.0, haste=8, heal=False)
    outcome = attack(plan, lambda _: None)
    assert outcome.findings.clean, "\n".join(report.lines(outcome))
    killed_at = {event.where for event in outcome.events if event.kind == KILL}
    assert killed_at >= NEEDED
    assert killed_at & DAILY.keys()
    assert {event.role for event in outcome.events if event.kind == KILL} >= {*POINTS, "redis"} - LEAST.keys()


@OPEN_FAULT
@pytest.mark.timeout(600)
def test_nothing_is_lost_or_counted_twice_where_up_alone_starts_again_what_is_killed() -> None:
    plan = Plan(seed=5, kills=10, seconds=120, appendfsync="always", pause=1.0, heal=False, through_up=True)
    outcome = attack(plan, lambda _: None)
    assert outcome.findings.clean, "\n".join(report.lines(outcome))
    assert sum(event.kind == KILL for event in outcome.events) >= 10
    assert outcome.book.entries > 0
