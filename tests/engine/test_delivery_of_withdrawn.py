"""A withdrawal is sent if an alert of the anomaly may have arrived; otherwise it is silent."""

from collections.abc import Callable, Iterator

import pytest

from kumo.domain.alerts import AlertKind, AlertStatus
from kumo.domain.entries import Entry, Series
from kumo.engine import delivery, ingest
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import outbox
from tests.alerts import DESTINATION
from tests.clocks import StoreClock
from tests.conftest import Build
from tests.engine.detection.arrivals import START, everything, judge_all
from tests.fakes.slack import BROKEN_AFTER_ACCEPTING, FakeSlack, rate_limit, refusal

SERIES = Series("AWS EC2", "USD")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


def spike(services: Services, amount: int = 500) -> None:
    """Send a spike, or restate it."""
    steady = [Entry(SERIES, (50 + n % 2) * 10**6, START + n, external_id=str(n)) for n in range(20)]
    ingest.ingest(services, [*steady, Entry(SERIES, amount * 10**6, START + 99, external_id="spike")])
    judge_all(services)


def nothing(_: Build, __: Services, ___: FakeSlack) -> None:
    """Do nothing about the alert."""


def keep(build: Build, _: Services, __: FakeSlack) -> None:
    delivery.send_due(build())


def claim(_: Build, services: Services, __: FakeSlack) -> None:
    outbox.claim(services.store, services.store.partitions, outbox.Lease(DESTINATION, "gone", 60_000, 9, "repeat"))


def answered(*answers: object) -> Callable[[Build, Services, FakeSlack], None]:
    def send(_: Build, services: Services, slack: FakeSlack) -> None:
        slack.answer(*answers)  # type: ignore[arg-type]
        delivery.send_due(services)

    return send


def doubt_and_keep(build: Build, services: Services, slack: FakeSlack) -> None:
    """The message may have arrived; then the webhook was taken out."""
    answered(BROKEN_AFTER_ACCEPTING)(build, services, slack)
    StoreClock(services.store).pass_by(10)
    without = build()
    StoreClock(without.store)
    delivery.send_due(without)


@pytest.mark.parametrize("happens", [nothing, keep])
def test_an_alert_that_nobody_was_sent_is_cancelled(
    build: Build, slack: FakeSlack, happens: Callable[[Build, Services, FakeSlack], None]
) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    spike(services)
    happens(build, services, slack)
    spike(services, 50)
    (alert,) = lookup.list_alerts(services, everything()).rows
    assert (alert.kind, alert.delivery.status, alert.delivery.attempts) == (AlertKind.OPENED, AlertStatus.CANCELLED, 0)
    assert outbox.find_due(services.store) == {}


@pytest.mark.parametrize(
    ("happens", "state"),
    [
        (answered(), AlertStatus.SENT),
        (answered(BROKEN_AFTER_ACCEPTING), AlertStatus.RETRY),
        (answered(rate_limit("30")), AlertStatus.RETRY),
        (answered(refusal("invalid_blocks"), refusal("invalid_payload")), AlertStatus.DEAD),
        (claim, AlertStatus.SENDING),
        (doubt_and_keep, AlertStatus.NO_DESTINATION),
    ],
)
def test_where_a_message_was_tried_the_withdrawal_is_sent(
    build: Build, slack: FakeSlack, happens: Callable[[Build, Services, FakeSlack], None], state: AlertStatus
) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    spike(services)
    happens(build, services, slack)
    spike(services, 50)
    rows = sorted(lookup.list_alerts(services, everything()).rows, key=lambda alert: alert.id)
    found = [(alert.kind, alert.delivery.status) for alert in rows]
    assert found == [(AlertKind.OPENED, state), (AlertKind.WITHDRAWN, AlertStatus.PENDING)]


def test_what_is_cancelled_counts_as_not_sent(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    spike(services)
    spike(services, 1000)  # worse, before anybody heard of it
    spike(services, 50)
    assert {alert.delivery.status for alert in lookup.list_alerts(services, everything()).rows} == {
        AlertStatus.CANCELLED
    }
    delivery.send_due(services)
    assert slack.messages == []
