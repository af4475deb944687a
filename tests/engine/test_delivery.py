"""Delivery: one message for many alerts, at a destination's pace, with each answer interpreted."""

from collections.abc import Callable, Iterator

import pytest

from kumo.domain.alerts import Alert, AlertStatus, NextStatus
from kumo.engine import delivery
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import destinations, outbox
from tests.alerts import DESTINATION, make_spend, make_test
from tests.clocks import StoreClock
from tests.conftest import Build
from tests.engine.detection.arrivals import everything
from tests.fakes.slack import BROKEN_AFTER_ACCEPTING, FakeSlack, rate_limit, refusal
from tests.store import alert_statuses

Run = Callable[..., object]


@pytest.fixture(autouse=True)
def states_guard(build: Build) -> Iterator[None]:
    """Compare the sets of alerts by status with the alerts themselves."""
    yield
    alert_statuses.check(build().store)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


def raise_alerts(services: Services, count: int = 1) -> None:
    for number in range(count):
        outbox.add(services.store, make_spend(f"test-{number}-1", f"s{number}"))


def alerts(services: Services) -> list[Alert]:
    return list(lookup.list_alerts(services, everything()).rows)


def states(services: Services) -> list[AlertStatus]:
    return [alert.delivery.status for alert in alerts(services)]


def test_a_storm_is_one_message(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    raise_alerts(services, 300)
    assert delivery.send_due(services) is None
    assert states(services) == [AlertStatus.SENT] * 300
    assert len(slack.messages) == 1


def test_a_message_that_went_out_is_a_line_in_the_log_without_the_webhook(
    build: Build, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    services = build(SLACK_WEBHOOK_URL=slack.url)
    raise_alerts(services)
    delivery.send_due(services)
    said = [record.getMessage() for record in caplog.records if record.levelname == "INFO"]
    assert said == ["Message sent to Slack: Cost jumped: s0 0.00 USD, expected 0.00 USD"]
    assert slack.url.rpartition("/")[2] not in caplog.text


def test_what_is_sent_is_not_sent_again(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    raise_alerts(services)
    for _ in range(3):
        delivery.send_due(services)
    assert len(slack.messages) == 1


def test_the_second_message_waits_a_second(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    raise_alerts(services)
    delivery.send_due(services)
    outbox.add(services.store, make_test("test-again-1"))
    assert delivery.send_due(services) == 1.0
    clock.pass_by(1)
    assert delivery.send_due(services) is None
    assert len(slack.messages) == 2


def test_a_rate_limit_pauses_the_destination_as_long_as_it_says(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    slack.answer(rate_limit("30"))
    raise_alerts(services)
    assert delivery.send_due(services) == 30.0
    outbox.add(services.store, make_test("test-later-1"))
    clock.pass_by(29)
    assert delivery.send_due(services) == 1.0  # also for alerts that were not there yet
    clock.pass_by(1)
    delivery.send_due(services)
    assert states(services) == [AlertStatus.SENT] * 2


def test_a_gone_destination_is_switched_off_and_keeps_its_alerts(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    slack.answer(refusal("channel_is_archived"))
    raise_alerts(services)
    delivery.send_due(services)
    clock.pass_by(3600)
    assert delivery.send_due(services) is None
    assert (len(slack.requests), states(services)) == (1, [AlertStatus.RETRY])
    assert "channel_is_archived" in alerts(services)[0].delivery.last_answer
    assert destinations.find(services.store, DESTINATION).state == "off"


def test_another_address_or_a_test_switches_it_on_again(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    slack.answer(refusal("no_service"))
    raise_alerts(services)
    delivery.send_due(services)
    clock.pass_by(3600)
    delivery.raise_test(services)
    delivery.send_due(services)
    assert states(services) == [AlertStatus.SENT] * 2
    slack.answer(refusal("no_service"))
    delivery.raise_test(services)
    clock.pass_by(3600)
    delivery.send_due(services)
    moved = build(SLACK_WEBHOOK_URL=slack.url + "moved")
    StoreClock(moved.store).pass_by(3600)
    delivery.send_due(moved)
    assert AlertStatus.RETRY not in states(services)


def test_an_ambiguous_answer_is_sent_again_and_says_so(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    slack.answer(BROKEN_AFTER_ACCEPTING)
    raise_alerts(services)
    assert delivery.send_due(services) == 2.0
    clock.pass_by(2)
    delivery.send_due(services)
    assert len(slack.messages) == 2
    assert "possible repeat" in slack.messages[1].text.lower()
    assert destinations.find(services.store, DESTINATION).repeats == 1


def test_each_message_that_may_be_a_repeat_is_counted_whatever_comes_of_it(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    slack.answer(BROKEN_AFTER_ACCEPTING, BROKEN_AFTER_ACCEPTING, rate_limit("1"))
    raise_alerts(services)
    for repeats in (0, 1, 1, 2):
        delivery.send_due(services)
        assert destinations.find(services.store, DESTINATION).repeats == repeats
        clock.pass_by(300)
    assert states(services) == [AlertStatus.SENT]


def test_an_outage_however_long_costs_no_alert(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    slack.answer(*[rate_limit("1")] * 30, BROKEN_AFTER_ACCEPTING)
    raise_alerts(services)
    for _ in range(32):
        delivery.send_due(services)
        clock.pass_by(600)
    assert states(services) == [AlertStatus.SENT]


def test_an_ambiguous_answer_can_be_held_instead(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url, KUMO_SLACK_AMBIGUOUS="hold")
    slack.answer(BROKEN_AFTER_ACCEPTING)
    raise_alerts(services)
    assert delivery.send_due(services) is None
    assert states(services) == [AlertStatus.UNKNOWN]


def test_a_message_that_slack_cannot_read_is_dead(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    slack.answer(refusal("invalid_blocks"), refusal("invalid_payload"))
    raise_alerts(services)
    assert delivery.send_due(services) is None
    assert states(services) == [AlertStatus.DEAD]


def test_a_notifier_that_vanishes_leaves_its_alerts_to_the_next(build: Build, slack: FakeSlack) -> None:
    services = build(SLACK_WEBHOOK_URL=slack.url)
    clock = StoreClock(services.store)
    raise_alerts(services)
    lease = outbox.Lease(DESTINATION, "vanished", delivery.LEASE_MS, 10, "repeat")
    claimed = outbox.claim(services.store, services.store.partitions, lease)
    assert delivery.send_due(services) == delivery.LEASE_MS / 1000
    clock.pass_by(delivery.LEASE_MS / 1000)
    delivery.send_due(services)
    (alert,) = alerts(services)
    assert (alert.delivery.status, alert.delivery.repeat, alert.delivery.attempts) == (AlertStatus.SENT, True, 2)
    late = outbox.Attempt(claimed[0], NextStatus(AlertStatus.RETRY), "late")
    assert outbox.record_attempts(services.store, "vanished", [late]) == 0
    assert states(services) == [AlertStatus.SENT]


def test_without_a_destination_alerts_are_kept_and_sent_once_there_is_one(build: Build, slack: FakeSlack) -> None:
    services = build()
    clock = StoreClock(services.store)
    raise_alerts(services, 2)
    for _ in range(20):
        delivery.send_due(services)
        clock.pass_by(15)
    assert states(services) == [AlertStatus.NO_DESTINATION] * 2
    assert alerts(services)[0].delivery.attempts == 0
    found = build(SLACK_WEBHOOK_URL=slack.url)
    StoreClock(found.store)
    delivery.send_due(found)
    assert states(services) == [AlertStatus.SENT] * 2


def test_a_notifier_killed_where_there_is_no_destination_loses_nothing(build: Build, slack: FakeSlack) -> None:
    services = build(KUMO_SLACK_AMBIGUOUS="hold")
    raise_alerts(services)
    services.store.scripts.run = _dying(services.store.scripts.run, "defer_alerts")  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        delivery.send_due(services)
    found = build(KUMO_SLACK_AMBIGUOUS="hold", SLACK_WEBHOOK_URL=slack.url)
    StoreClock(found.store).pass_by(15)
    delivery.send_due(found)
    assert states(found) == [AlertStatus.SENT]
    assert not alerts(found)[0].delivery.repeat


def _dying(run: Run, name: str) -> Run:
    """Run a script, and die before its answer is used."""

    def dying(script: str, keys: object, /, **args: object) -> object:
        answer = run(script, keys, **args)
        if script == name:
            raise SystemExit
        return answer

    return dying


def test_having_no_destination_is_logged_once(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    services = build()
    clock = StoreClock(services.store)
    raise_alerts(services)
    for _ in range(5):
        delivery.send_due(services)
        clock.pass_by(15)
    assert len([row for row in caplog.records if "SLACK_WEBHOOK_URL" in row.message]) == 1
