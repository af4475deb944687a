"""A node fails between two partitions: claimed alerts are sent, and sent alerts are recorded."""

from collections.abc import Callable

import pytest
import redis

from kumo.domain.alerts import AlertStatus
from kumo.domain.entries import Entry, Series
from kumo.engine import delivery, ingest
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store.signatures import Argument, Keys
from tests.conftest import Build
from tests.engine.detection.arrivals import START, everything, judge_all
from tests.fakes.slack import FakeSlack

SERIES = [Series(f"service {number}", "USD") for number in range(8)]


def raise_alerts(services: Services) -> None:
    steady = [Entry(series, (50 + at % 3) * 10**6, START + at) for at in range(15) for series in SERIES]
    ingest.ingest(services, steady + [Entry(series, 900 * 10**6, START + 99) for series in SERIES])
    judge_all(services)


def fail_second(services: Services, script: str) -> Callable[[], None]:
    """Make the second call of a script fail like a cut wire; return a function that repairs it."""
    run, calls = services.store.scripts.run, 0

    def cut(name: str, keys: Keys, /, **args: Argument) -> object:
        nonlocal calls
        calls += name == script
        if name == script and calls == 2:
            raise redis.exceptions.ConnectionError
        return run(name, keys, **args)

    services.store.scripts.run = cut  # type: ignore[method-assign]  # the wire breaks, our code stays
    return lambda: setattr(services.store.scripts, "run", run)


def states(services: Services) -> list[AlertStatus]:
    return [alert.delivery.status for alert in lookup.list_alerts(services, everything()).rows]


def test_what_is_claimed_is_sent_though_another_node_fails(build: Build) -> None:
    with FakeSlack() as slack:
        services = build(SLACK_WEBHOOK_URL=slack.url)
        raise_alerts(services)
        mend = fail_second(services, "claim_alerts")
        delivery.send_due(services)
        mend()
        assert len(slack.messages) == 1
        assert set(states(services)) == {AlertStatus.SENT, AlertStatus.PENDING}
        assert not any(alert.delivery.repeat for alert in lookup.list_alerts(services, everything()).rows)


def test_what_was_sent_is_recorded_where_it_can_be(build: Build) -> None:
    with FakeSlack() as slack:
        services = build(SLACK_WEBHOOK_URL=slack.url)
        raise_alerts(services)
        mend = fail_second(services, "record_attempts")
        with pytest.raises(redis.exceptions.ConnectionError):
            delivery.send_due(services)
        mend()
        not_recorded = {
            services.store.partition(alert.anomaly[:16]).number
            for alert in lookup.list_alerts(services, everything()).rows
            if alert.delivery.status is AlertStatus.SENDING
        }
        assert states(services).count(AlertStatus.SENT) > 0
        assert len(not_recorded) == 1
