from dataclasses import replace

import pytest

from kumo.domain.alerts import (
    MAX_UNCONFIRMED,
    AlertStatus,
    Answer,
    Delivery,
    Outcome,
    choose_next_status,
    compute_delay,
)

DELIVERY = Delivery("slack", attempts=1)


@pytest.mark.parametrize(
    ("outcome", "unconfirmed", "ambiguous", "status", "repeat"),
    [
        (Outcome.SENT, 0, "repeat", AlertStatus.SENT, False),
        (Outcome.UNREADABLE, 0, "repeat", AlertStatus.DEAD, False),
        (Outcome.PAUSED, 0, "repeat", AlertStatus.RETRY, False),  # a request to wait is not a failure
        (Outcome.OFF, 0, "repeat", AlertStatus.RETRY, False),  # kept until somebody puts it right
        (Outcome.REFUSED, 0, "hold", AlertStatus.RETRY, False),  # nothing arrived: always safe to send
        (Outcome.AMBIGUOUS, 0, "repeat", AlertStatus.RETRY, True),  # however many attempts failed before
        (Outcome.AMBIGUOUS, 0, "hold", AlertStatus.UNKNOWN, False),
        (Outcome.AMBIGUOUS, MAX_UNCONFIRMED - 1, "repeat", AlertStatus.UNKNOWN, False),
    ],
)
def test_the_next_status_follows_from_the_answer(
    outcome: Outcome, unconfirmed: int, ambiguous: str, status: AlertStatus, *, repeat: bool
) -> None:
    delivery = replace(DELIVERY, attempts=99, unconfirmed=unconfirmed)
    found = choose_next_status(Answer(outcome, "", retry_after=7.0), delivery, ambiguous)
    assert (found.status, found.repeat) == (status, repeat)


@pytest.mark.parametrize(("asked", "delay"), [(42.0, 42.0), (300.0, 300.0), (3600.0, 300.0)])
def test_an_alert_waits_as_long_as_was_asked_but_no_more_than_five_minutes(asked: float, delay: float) -> None:
    assert choose_next_status(Answer(Outcome.PAUSED, "", retry_after=asked), DELIVERY, "repeat").delay == delay


def test_the_wait_doubles_up_to_five_minutes() -> None:
    assert [compute_delay(attempt) for attempt in (1, 2, 3, 8, 9, 10_000)] == [2, 4, 8, 256, 300, 300]
