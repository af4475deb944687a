"""Slack's answers to a message over the wire, and that the webhook stays a secret."""

import pytest

from kumo.domain.alerts import Answer, Outcome
from kumo.errors import SettingsError
from kumo.notify.slack.answers import BODIES
from tests.fakes.slack import (
    BROKEN_AFTER_ACCEPTING,
    OK,
    PATH,
    REFUSALS,
    FakeSlack,
    Play,
    rate_limit,
    refusal,
)
from tests.notify.sending import SECRETS, destination, send, storm
from tests.notify.slack.test_answers import EXPECTED


def test_a_message_that_slack_takes_is_sent(slack: FakeSlack) -> None:
    assert send(slack.url) == Answer(Outcome.SENT, "Slack answered HTTP 200: the message was accepted.")
    (message,) = slack.wait_for(1)
    assert "AmazonEC2" in message.text
    assert message.payload["blocks"]
    assert slack.requests[0].headers["Content-Type"] == "application/json"


def test_a_storm_is_one_message_that_slack_takes(slack: FakeSlack) -> None:
    assert destination(slack.url).send(storm(500)).outcome is Outcome.SENT
    assert len(slack.messages) == len(slack.requests) == 1


@pytest.mark.parametrize("code", REFUSALS)
def test_every_error_that_slack_documents_is_known(slack: FakeSlack, code: str) -> None:
    slack.answer(default=refusal(code))
    answer = send(slack.url)
    assert answer.outcome is BODIES[code].outcome
    assert code in answer.detail
    assert BODIES[code].why in answer.detail


@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 403, 404, 408, 410, 418, 500, 503])
def test_a_status_over_the_wire_means_the_same(slack: FakeSlack, status: int) -> None:
    slack.answer(default=Play(status, "something else", accepts=False))
    assert send(slack.url).outcome is EXPECTED[status]


@pytest.mark.parametrize(("header", "seconds"), [("42", 42), (None, 30)])
def test_a_rate_limit_over_the_wire(slack: FakeSlack, header: str | None, seconds: float) -> None:
    slack.answer(rate_limit(header))
    assert send(slack.url).retry_after == seconds
    assert slack.messages == []


def test_a_message_that_slack_cannot_read_goes_once_more_as_short_text(slack: FakeSlack) -> None:
    slack.answer(refusal("invalid_blocks"), OK)
    answer = send(slack.url)
    assert answer.outcome is Outcome.SENT
    assert "invalid_blocks" in answer.detail
    (message,) = slack.messages
    assert "blocks" not in message.payload
    assert "AmazonEC2" in message.text


def test_after_the_short_text_slack_is_left_alone(slack: FakeSlack) -> None:
    slack.answer(default=refusal("invalid_payload"))
    assert send(slack.url).outcome is Outcome.UNREADABLE
    assert len(slack.requests) == 2


def test_what_becomes_of_the_short_text_is_what_counts(slack: FakeSlack) -> None:
    slack.answer(refusal("invalid_payload"), rate_limit("9"))
    assert send(slack.url).retry_after == 9


@pytest.mark.parametrize("play", [refusal("no_service"), rate_limit(), BROKEN_AFTER_ACCEPTING])
def test_other_refusals_are_not_tried_again(slack: FakeSlack, play: Play) -> None:
    slack.answer(play)
    send(slack.url)
    assert len(slack.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        f"http://hooks.slack.com{PATH}",
        f"https://evil.example{PATH}",
        f"https://hooks.slack.com.evil.example{PATH}",
        f"https://hooks.slack.com@evil.example{PATH}",
        f"https://evil.example\\@hooks.slack.com{PATH}",
        f"ftp://127.0.0.1{PATH}",
        f"http://10.0.0.1{PATH}",
        f"//hooks.slack.com{PATH}",
        "https://hooks.slack.com:port/",
        "",
    ],
)
def test_no_other_host_is_taken_and_the_refusal_keeps_the_secret(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        destination(url)
    assert not any(secret in str(refused.value) for secret in SECRETS)


@pytest.mark.parametrize(
    "url",
    [
        f"https://hooks.slack.com{PATH}",
        f"https://HOOKS.slack.com{PATH}",
        f"http://localhost:9{PATH}",
        f"http://[::1]:9{PATH}",
        f"https://127.0.0.1{PATH}",
    ],
)
def test_slack_and_this_machine_are_taken(url: str) -> None:
    slack = destination(url)
    assert not any(secret in repr(slack) for secret in SECRETS)


def test_another_webhook_has_another_fingerprint() -> None:
    one, same, other = (destination(f"https://hooks.slack.com{PATH}{end}").fingerprint for end in ("", "", "x"))
    assert one == same != other
    assert len(one) == 12
