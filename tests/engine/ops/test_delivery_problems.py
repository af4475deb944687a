"""Whether alerts are sent, as reported by `kumo check`, `kumo up` and /readyz."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kumo.engine import delivery, liveness
from kumo.engine.ops import delivery_problems, health
from kumo.jobs import FUNCTIONS
from kumo.services import Services
from kumo.store import outbox
from tests.alerts import make_test
from tests.cli.test_main import kumo
from tests.clocks import StoreClock
from tests.conftest import Build
from tests.fakes.slack import FakeSlack, refusal
from tests.stack import eventually, free_port

UNSET = "Alerts are not sent: SLACK_WEBHOOK_URL is not set. They are kept, and sent once it is."


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


def record_heartbeats(services: Services) -> None:
    for queue in FUNCTIONS:
        liveness.record_heartbeat(services, queue)


def test_without_a_webhook_alerts_are_not_sent_and_a_release_goes_on(build: Build, redis_url: str) -> None:
    record_heartbeats(build())
    assert health.examine(build()).warnings == [UNSET]
    found = kumo("check", REDIS_URL=redis_url, SLACK_WEBHOOK_URL="")
    assert (found.returncode, found.stdout, found.stderr) == (0, "Settings and Redis are fine.\n", f"{UNSET}\n")


def test_a_webhook_under_another_name_is_named(redis_url: str, slack: FakeSlack) -> None:
    found = kumo("check", REDIS_URL=redis_url, SLACK_WEBHOOK_URL="", SLACK_WEBHOOK=slack.url)
    assert found.returncode == 0
    assert "SLACK_WEBHOOK is set and is not a setting; did you mean SLACK_WEBHOOK_URL?" in found.stderr
    assert slack.url not in found.stderr


def test_a_webhook_that_does_not_exist_is_a_problem_until_there_is_another(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    assert delivery_problems.find_problems(services) == []
    slack.answer(refusal("no_service"))
    delivery.raise_test(services)
    delivery.send_due(services)
    (problem,) = delivery_problems.find_problems(services)
    assert problem.startswith(
        "Alerts are not sent: Slack answered no_service, HTTP 404: the webhook is disabled, removed"
    )
    assert "SLACK_WEBHOOK_URL" in problem
    assert delivery_problems.find_problems(build(SLACK_WEBHOOK_URL=slack.url + "other")) == []
    found = kumo("check", REDIS_URL=services.settings.redis_url, SLACK_WEBHOOK_URL=slack.url)
    assert (found.returncode, problem in found.stderr) == (0, True)


def test_alerts_that_wait_for_long_are_counted_with_the_time(build: Build) -> None:
    services = build()
    clock = StoreClock(services.store)
    for name in ("a", "b"):
        outbox.add(services.store, make_test(f"{name}-1"))
        clock.pass_by(290)
    assert delivery_problems.find_waiting(services) == ["2 alerts have waited to be sent for 9 minutes."]
    clock.set(clock.now - 400_000)
    assert delivery_problems.find_waiting(services) == []


def test_check_says_what_keeps_alerts_waiting(build: Build, redis_url: str) -> None:
    services = build()
    clock = StoreClock(services.store)
    clock.set(clock.now - 7_300_000)
    outbox.add(services.store, make_test("a-1"))
    found = kumo("check", REDIS_URL=redis_url, SLACK_WEBHOOK_URL="https://hooks.slack.com/services/x")
    assert "No notifier has ever run: run `python -m worker notify`.\n" in found.stderr
    assert "1 alert has waited to be sent for 2 hours.\n" in found.stderr


def test_where_alerts_are_sent_that_is_said(build: Build, redis_url: str, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    record_heartbeats(services)
    environ = {"REDIS_URL": redis_url, "SLACK_WEBHOOK_URL": slack.url}
    found = kumo("check", **environ)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.endswith("Alerts go to Slack. No message was sent yet: POST /alerts/test sends one.\n")
    delivery.raise_test(services)
    delivery.send_due(services)
    assert kumo("check", **environ).stdout.endswith("Alerts go to Slack: 1 message sent so far.\n")


def test_up_says_as_it_starts_that_alerts_are_not_sent(redis_url: str, tmp_path: Path) -> None:
    environ = {"REDIS_URL": redis_url, "PORT": str(free_port()), "WEB_CONCURRENCY": "1", "SLACK_URL": "https://x"}
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("KUMO_", "REDIS", "SLACK"))}
    log = tmp_path / "log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "kumo", "up"], env=clean | environ, stderr=output, stdout=output
        )
        try:
            eventually(lambda: UNSET in log.read_text())
        finally:
            running.terminate()
            running.wait(30)
    assert "SLACK_URL is set and is not a setting; did you mean SLACK_WEBHOOK_URL?" in log.read_text()
