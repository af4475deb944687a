"""What becomes of a message by each of Slack's answers, and that the webhook stays a secret."""

from email.utils import formatdate
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.alerts import Answer, Outcome
from kumo.errors import SettingsError
from kumo.notify.http_post import Reply
from kumo.notify.slack.answers import BODIES, STATUSES, read
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

NOW: Final = 1_714_564_800.0


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


@pytest.mark.parametrize("code", [code for code, row in BODIES.items() if row.outcome is Outcome.OFF])
@pytest.mark.parametrize("status", [200, 400, 403, 404, 410, 429, 500])
def test_the_body_counts_before_the_status(code: str, status: int) -> None:
    assert read(Reply(status, f"{code}\n"), NOW).outcome is Outcome.OFF


EXPECTED = {
    **dict.fromkeys(range(200, 300), Outcome.SENT),
    **dict.fromkeys(range(300, 400), Outcome.OFF),
    **dict.fromkeys(range(400, 500), Outcome.OFF),
    **dict.fromkeys(range(500, 600), Outcome.AMBIGUOUS),
    **dict.fromkeys((400, 413, 415, 422), Outcome.UNREADABLE),
    408: Outcome.REFUSED,
    429: Outcome.PAUSED,
    999: Outcome.AMBIGUOUS,
}


@pytest.mark.parametrize("status", EXPECTED)
def test_every_status_means_something(status: int) -> None:
    assert read(Reply(status, "<html>no word we know</html>"), NOW).outcome is EXPECTED[status]


@pytest.mark.parametrize("status", [200, 201, 302, 400, 401, 403, 404, 408, 410, 418, 500, 503])
def test_a_status_over_the_wire_means_the_same(slack: FakeSlack, status: int) -> None:
    slack.answer(default=Play(status, "something else", accepts=False))
    assert send(slack.url).outcome is EXPECTED[status]


def test_every_row_of_the_tables_says_where_it_is_written() -> None:
    for row in (*BODIES.values(), *(row for _, row in STATUSES)):
        assert row.source.startswith("https://")


def test_what_a_page_says_is_never_quoted() -> None:
    page = f"Cannot POST {PATH}"
    for status in (200, 404, 500):
        assert "POST" not in read(Reply(status, page), NOW).detail


@given(st.text(), st.integers(200, 599), st.text())
def test_any_answer_can_be_read(body: str, status: int, retry_after: str) -> None:
    answer = read(Reply(status, body, retry_after), NOW)
    assert 0 <= answer.retry_after <= 3600


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("17", 17),
        (" 17 ", 17),
        ("0", 1),
        ("7200", 3600),
        ("999999999", 3600),
        ("", 30),
        ("soon", 30),
        ("-5", 30),
        ("9" * 5000, 30),
        ("nan", 30),
        (formatdate(NOW + 90, usegmt=True), 90),
        (formatdate(NOW + 90), 90),
        (formatdate(NOW - 90, usegmt=True), 1),
        (formatdate(NOW + 90_000, usegmt=True), 3600),
    ],
)
def test_a_rate_limit_pauses_for_as_long_as_it_says(header: str, seconds: float) -> None:
    answer = read(Reply(429, "", header), NOW)
    assert answer.outcome is Outcome.PAUSED
    assert answer.retry_after == seconds


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
