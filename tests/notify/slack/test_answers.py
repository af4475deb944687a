"""What each of Slack's answers means."""

from email.utils import formatdate
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.alerts import Outcome
from kumo.notify.http_post import Reply
from kumo.notify.slack.answers import BODIES, STATUSES, read
from tests.fakes.slack import PATH

NOW: Final = 1_714_564_800.0


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
