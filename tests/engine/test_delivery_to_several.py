"""Several destinations, the second of a kind that only this test has: each gets its alerts, whatever the others do."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pytest

from kumo.domain.alerts import Alert, AlertStatus
from kumo.engine import delivery
from kumo.engine.ops import delivery_problems
from kumo.engine.queries import lookup, metrics
from kumo.notify import registry
from kumo.notify.registry import KINDS
from kumo.services import Services
from kumo.store import destinations, outbox
from tests.alerts import DESTINATION, make_spend
from tests.clocks import StoreClock
from tests.conftest import Build
from tests.engine.detection.arrivals import everything
from tests.fakes.slack import FakeSlack, rate_limit, refusal
from tests.notify import second
from tests.notify.second import Receiver
from tests.stack import eventually
from tests.store import alert_statuses


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with second.receive() as running:
        yield running


@pytest.fixture
def services(build: Build, slack: FakeSlack, receiver: Receiver) -> Iterator[Services]:
    built = build(SLACK_WEBHOOK_URL=slack.url)
    yield replace(built, channels=registry.build(built.settings, [*KINDS, second.kind(receiver.url)]))
    alert_statuses.check(built.store)


def raise_alerts(services: Services, destination: str, *names: str) -> None:
    for name in names:
        outbox.add(services.store, make_spend(f"{name}-1", destination=destination))


def statuses(services: Services) -> dict[str, AlertStatus]:
    rows: list[Alert] = list(lookup.list_alerts(services, everything()).rows)
    return {alert.id: alert.delivery.status for alert in rows}


def test_each_destination_gets_its_own_alerts(services: Services, slack: FakeSlack, receiver: Receiver) -> None:
    raise_alerts(services, DESTINATION, "a", "b")
    raise_alerts(services, second.DESTINATION, "c")
    assert delivery.send_due(services) is None
    assert set(statuses(services).values()) == {AlertStatus.SENT}
    assert receiver.bodies == [{"alerts": ["c-1"]}]
    assert len(slack.messages) == 1
    assert metrics.count_messages(services).messages == 2
    assert delivery_problems.describe(services) == "Alerts go to Slack and Second: 2 messages sent so far."


@pytest.mark.parametrize("answer", [rate_limit("60"), refusal("channel_is_archived")])
def test_one_that_is_paused_or_off_delays_no_other(
    services: Services, slack: FakeSlack, receiver: Receiver, answer: object
) -> None:
    clock = StoreClock(services.store)
    slack.answer(answer)  # type: ignore[arg-type]  # a play of the fake
    raise_alerts(services, DESTINATION, "a")
    delivery.send_due(services)
    for number in range(3):
        clock.pass_by(1)
        raise_alerts(services, DESTINATION, f"a{number}")
        raise_alerts(services, second.DESTINATION, f"b{number}")
        delivery.send_due(services)
    assert [body["alerts"] for body in receiver.bodies] == [["b0-1"], ["b1-1"], ["b2-1"]]
    assert (len(slack.requests), statuses(services)["a-1"]) == (1, AlertStatus.RETRY)


def test_one_that_hangs_delays_no_other(services: Services, slack: FakeSlack, receiver: Receiver) -> None:
    receiver.going.clear()
    raise_alerts(services, second.DESTINATION, "b")
    job = Thread(target=delivery.run, args=(services,))
    job.start()
    eventually(lambda: statuses(services)["b-1"] is AlertStatus.SENDING)
    for number in range(2):  # alerts that come while the job waits for the other one
        raise_alerts(services, DESTINATION, f"a{number}")
        slack.wait_for(number + 1)
    assert (statuses(services)["b-1"], receiver.bodies) == (AlertStatus.SENDING, [])
    receiver.going.set()
    job.join(60)
    assert not job.is_alive()
    assert set(statuses(services).values()) == {AlertStatus.SENT}


def test_one_whose_channel_fails_keeps_no_other_from_sending(services: Services, receiver: Receiver) -> None:
    receiver.status = 418  # of which the second channel knows nothing: it raises
    raise_alerts(services, second.DESTINATION, "b")
    raise_alerts(services, DESTINATION, "a")
    delivery.send_due(services)
    assert statuses(services) == {"a-1": AlertStatus.SENT, "b-1": AlertStatus.RETRY}
    (failed,) = outbox.read(services.store, ["b-1"])
    assert failed.delivery.repeat
    assert failed.delivery.last_answer == "Second failed while sending: the message may have arrived."


def test_alerts_of_a_destination_that_is_gone_are_kept_and_the_others_sent(
    services: Services, slack: FakeSlack, receiver: Receiver
) -> None:
    raise_alerts(services, "gone", "a")
    raise_alerts(services, second.DESTINATION, "b")
    delivery.send_due(services)
    assert statuses(services) == {"a-1": AlertStatus.NO_DESTINATION, "b-1": AlertStatus.SENT}
    (kept,) = outbox.read(services.store, ["a-1"])
    assert kept.delivery.last_answer == (
        "The destination gone is not configured: set SLACK_WEBHOOK_URL or KUMO_SECOND_URL."
    )
    assert (slack.requests, len(receiver.bodies)) == ([], 1)


def test_without_slack_new_alerts_go_to_the_other_channel(build: Build, receiver: Receiver) -> None:
    built = build()
    services = replace(built, channels=registry.build(built.settings, [*KINDS, second.kind(receiver.url)]))
    raised = delivery.raise_test(services)
    delivery.send_due(services)
    assert (raised.delivery.destination, receiver.bodies) == (second.DESTINATION, [{"alerts": [raised.id]}])


def test_what_switches_a_destination_off_is_named_with_its_setting(services: Services, receiver: Receiver) -> None:
    receiver.status = 410
    raise_alerts(services, second.DESTINATION, "a")
    delivery.send_due(services)
    assert destinations.find(services.store, second.DESTINATION).state == "off"
    (problem,) = delivery_problems.find_problems(services)
    assert problem.startswith("Alerts are not sent: Second answered HTTP 410.")
    assert "KUMO_SECOND_URL" in problem
    assert not metrics.count_messages(services).on
