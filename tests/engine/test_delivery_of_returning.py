"""An anomaly that is withdrawn and returns: people hear of it again only if they have heard that it was withdrawn."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kumo.domain.alerts import Alert, AlertKind, AlertStatus, SpendChange
from kumo.engine import delivery
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import feed
from kumo.store.feed import Slice
from tests.alerts import make_spend
from tests.clocks import StoreClock
from tests.conftest import Build
from tests.engine.detection.arrivals import everything
from tests.fakes.slack import FakeSlack

ANOMALY = "aaaaaaaaaaaaaaaa-8000004e20"
OPENED, WORSENED, WITHDRAWN = AlertKind.OPENED, AlertKind.WORSENED, AlertKind.WITHDRAWN
SENT, PENDING, CANCELLED = AlertStatus.SENT, AlertStatus.PENDING, AlertStatus.CANCELLED


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


@pytest.fixture
def services(build: Build, slack: FakeSlack) -> Services:
    return build(SLACK_WEBHOOK_URL=slack.url)


def tell(services: Services, number: int, kind: AlertKind, impact: int = 100) -> None:
    """Commit an alert of the anomaly."""
    partition = services.store.partition(ANOMALY[:16])
    alert = make_spend(f"{ANOMALY}-{number}", kind=kind, anomaly=ANOMALY, destination=services.channels.default)
    fence = feed.read_fence(services.store, partition)
    content = alert.content
    assert isinstance(content, SpendChange)
    raised = Alert(alert.id, kind, replace(content, impact=impact), delivery=alert.delivery)
    assert feed.commit(services.store, partition, fence, fence.cursor, Slice(alerts=[raised])) is not None


def deliver(services: Services) -> None:
    """Send what is due; the destination takes one message a second."""
    StoreClock(services.store).pass_by(2)
    delivery.send_due(services)


def found(services: Services) -> list[tuple[int, AlertStatus]]:
    rows = lookup.list_alerts(services, everything()).rows
    return sorted((int(row.id.rpartition("-")[2]), row.delivery.status) for row in rows)


def test_a_withdrawal_that_nobody_has_seen_is_cancelled_when_the_anomaly_returns(services: Services) -> None:
    tell(services, 1, OPENED)
    deliver(services)
    for number in range(2, 100, 2):
        tell(services, number, WITHDRAWN)
        tell(services, number + 1, OPENED)
    assert found(services) == [(1, SENT), *((number, CANCELLED) for number in range(2, 100, 2))]


def test_what_is_worse_when_it_returns_is_told(services: Services) -> None:
    tell(services, 1, OPENED)
    deliver(services)
    tell(services, 2, WITHDRAWN)
    tell(services, 3, OPENED, impact=200)
    assert found(services) == [(1, SENT), (2, PENDING), (3, PENDING)]


def test_what_was_withdrawn_is_told_again(services: Services) -> None:
    tell(services, 1, OPENED)
    deliver(services)
    tell(services, 2, WITHDRAWN)
    deliver(services)
    tell(services, 3, OPENED)
    assert found(services) == [(1, SENT), (2, SENT), (3, PENDING)]
    tell(services, 4, WITHDRAWN)  # nobody has heard that it is back
    assert found(services) == [(1, SENT), (2, SENT), (3, CANCELLED)]
    tell(services, 5, OPENED)
    deliver(services)
    tell(services, 6, WORSENED)
    tell(services, 7, WITHDRAWN)
    assert found(services)[3:] == [(5, SENT), (6, CANCELLED), (7, PENDING)]


def test_what_nobody_has_seen_is_taken_back_in_silence(services: Services) -> None:
    tell(services, 1, OPENED)
    tell(services, 2, WITHDRAWN)
    tell(services, 3, OPENED)
    assert found(services) == [(1, CANCELLED), (3, PENDING)]
