"""The signs of life of real workers: given while they wait and work, not while they hang in a job."""

from collections.abc import Iterator

import pytest

from kumo import services as composition
from kumo import settings
from kumo.domain.alerts import AlertStatus
from kumo.engine import delivery, liveness
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import keys
from tests.engine.detection.arrivals import everything
from tests.fakes.slack import HANG, FakeSlack
from tests.stack import eventually, process, stack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


def services_at(url: str, slack: FakeSlack) -> Services:
    return composition.build(settings.load({"REDIS_URL": url, "SLACK_WEBHOOK_URL": slack.url}))


def test_each_kind_of_worker_gives_a_sign_as_it_starts(redis_url: str) -> None:
    with stack(redis_url) as running:
        eventually(lambda: running.get("/readyz").json()["warnings"] == [])


def test_a_worker_that_hangs_in_a_job_gives_no_sign_until_it_is_over(redis_url: str, slack: FakeSlack) -> None:
    services = services_at(redis_url, slack)
    slack.answer(HANG)
    with process("notify", {"REDIS_URL": redis_url, "SLACK_WEBHOOK_URL": slack.url}):
        delivery.raise_test(services)
        eventually(lambda: slack.requests)
        services.store.client.hset(keys.WORKERS, "notifier", 1)
        # Its sweep runs meanwhile in another thread, and must not send its heartbeat.
        eventually(lambda: liveness.find_silences(services)["notifier"] < liveness.SILENT_SECONDS)
        (alert,) = lookup.list_alerts(services, everything()).rows
        assert alert.delivery.status is not AlertStatus.SENDING
