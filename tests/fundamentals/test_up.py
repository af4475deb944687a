"""One command runs everything, and what dies of it comes back."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fakes.slack import FakeSlack
from tests.stack import eventually
from tests.up import Up, up

COST = {"service": "AWS EC2", "amount": 50}


@pytest.fixture(scope="module")
def kumo() -> Iterator[Up]:
    with TemporaryDirectory(prefix="kumo-test-") as folder, FakeSlack() as slack, up(Path(folder), slack) as running:
        assert running.post([COST | {"amount": 50 + place % 3} for place in range(20)], "/ingest/batch").ok
        yield running


def log(kumo: Up) -> str:
    return (kumo.data_dir.parent / "up.log").read_text()


@pytest.mark.timeout(300)
def test_it_is_ready_again_after_the_server_was_killed(kumo: Up) -> None:
    before = kumo.server_pid()
    os.kill(before, signal.SIGKILL)
    eventually(lambda: not kumo.is_ready() or "server was killed" in log(kumo))
    eventually(kumo.is_ready, 60)
    assert kumo.server_pid() != before
    assert "server was killed by SIGKILL, and starts again" in log(kumo)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "words"),
    [("web", "gunicorn"), ("worker", "worker judge"), ("notifier", "worker notify"), ("importer", "worker import")],
)
def test_each_process_comes_back(kumo: Up, name: str, words: str) -> None:
    [before] = eventually(lambda: kumo.pids(words), 60)
    os.kill(before, signal.SIGKILL)
    eventually(lambda: kumo.pids(words) not in ([], [before]), 60)
    assert f"{name} was killed by SIGKILL, and starts again" in log(kumo)


@pytest.mark.timeout(300)
def test_costs_are_judged_and_told_after_all_that(kumo: Up) -> None:
    eventually(kumo.is_ready, 60)
    assert kumo.post(COST | {"amount": 500}).ok
    assert len(kumo.get("/costs/", limit=100).json()) == 21
    eventually(lambda: kumo.get("/anomalies/").json(), 90)
    assert "AWS EC2" in kumo.slack.wait_for(1, timeout=90)[0].text
    eventually(lambda: "INFO kumo.engine.detection.judge: Anomaly opened: AWS EC2 500.00 USD, expected " in log(kumo))
    eventually(lambda: "INFO kumo.engine.delivery: Message sent to Slack: Cost jumped: AWS EC2 500.00 " in log(kumo))


def test_nothing_of_all_that_left_a_stack_trace_or_a_secret(kumo: Up) -> None:
    assert "Traceback" not in log(kumo)
    assert kumo.slack.url.rpartition("/")[2] not in log(kumo)
