"""Due times and leases go by the store's clock, whatever those of other machines say; and it may step back."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kumo.domain.alerts import AlertStatus
from kumo.domain.entries import Entry, Series
from kumo.engine import delivery, ingest
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import outbox
from tests.alerts import DESTINATION, make_test
from tests.clocks import StoreClock
from tests.conftest import Build
from tests.engine.detection.arrivals import everything, judge_all
from tests.fakes.slack import BROKEN_AFTER_ACCEPTING, FakeSlack, rate_limit

HOUR = 3600
SERIES = Series("AWS EC2", "USD")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


def off_by(services: Services, seconds: int) -> Services:
    """Return the services of a machine whose clock is wrong."""
    return replace(services, clock=lambda: services.clock() + seconds * 1000)


def raise_alert(services: Services, name: str = "test-1-1") -> None:
    assert outbox.add(services.store, make_test(name))


def spike(services: Services) -> None:
    now = services.clock()
    steady = [Entry(SERIES, (50 + n % 3) * 10**6, now + n) for n in range(15)]
    ingest.ingest(services, [*steady, Entry(SERIES, 900 * 10**6, now + 99)])


def states(services: Services) -> list[AlertStatus]:
    return [alert.delivery.status for alert in lookup.list_alerts(services, everything()).rows]


@pytest.mark.parametrize("seconds", [-300, 300, -30 * 24 * HOUR, 30 * 24 * HOUR])
def test_a_notifier_or_judge_with_a_wrong_clock_delays_and_repeats_nothing(
    build: Build, slack: FakeSlack, seconds: int
) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    wrong = off_by(services, seconds)
    spike(services)
    judge_all(wrong)
    delivery.send_due(services)
    raise_alert(services)
    assert (delivery.send_due(wrong) or 0.0) <= delivery.PACE_MS / 1000
    StoreClock(services.store).pass_by(1)
    delivery.send_due(wrong)
    assert states(services) == [AlertStatus.SENT] * 2
    assert len(slack.messages) == 2


def test_a_fast_clock_ends_no_lease_of_another_notifier(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    raise_alert(services)
    outbox.claim(
        services.store, services.store.partitions, outbox.Lease(DESTINATION, "holder", delivery.LEASE_MS, 9, "repeat")
    )
    assert (delivery.send_due(off_by(services, 300)) or 0.0) > 30
    assert slack.messages == []


def test_an_alert_is_listed_under_the_time_at_which_the_store_raised_it(build: Build) -> None:
    services = build()
    spike(services)
    judge_all(off_by(services, -HOUR))
    (alert,) = lookup.list_alerts(services, everything()).rows
    score = services.store.client.zscore(outbox.partition_of(services.store, alert.id).alerts, alert.id)
    assert alert.created_at == score
    assert abs(alert.created_at - services.clock()) < HOUR * 100


@pytest.mark.parametrize("back", [HOUR, 30 * 24 * HOUR])
def test_what_was_deferred_before_the_clock_stepped_back_is_sent_at_once(
    build: Build, slack: FakeSlack, back: int
) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    slack.answer(BROKEN_AFTER_ACCEPTING)
    raise_alert(services)
    delivery.send_due(services)
    raise_alert(services, "test-2-1")
    clock.pass_by(-back)
    assert delivery.send_due(services) is None
    assert states(services) == [AlertStatus.SENT] * 2


def test_a_destination_is_not_kept_waiting_by_a_clock_that_stepped_back(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    slack.answer(rate_limit("30"))
    raise_alert(services)
    delivery.send_due(services)
    clock.pass_by(-HOUR)
    delivery.send_due(services)
    assert states(services) == [AlertStatus.SENT]


def test_an_alert_waits_five_minutes_at_most_however_long_its_destination_pauses(
    build: Build, slack: FakeSlack
) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    slack.answer(rate_limit("3600"))
    raise_alert(services)
    delivery.send_due(services)
    clock.pass_by(301)
    assert delivery.send_due(services) == HOUR - 301
    clock.pass_by(HOUR - 301)
    delivery.send_due(services)
    assert (states(services), len(slack.requests)) == ([AlertStatus.SENT], 2)
