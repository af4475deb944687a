from dataclasses import replace

import pytest

from kumo.domain.alerts import MAX_DOUBTS, Alert, AlertState, Answer, Kind, Outcome, backoff, fate

ALERT = Alert(id="test-1", kind=Kind.TEST, attempts=1)


@pytest.mark.parametrize(
    ("outcome", "doubts", "ambiguous", "state", "repeat"),
    [
        (Outcome.SENT, 0, "repeat", AlertState.SENT, False),
        (Outcome.UNREADABLE, 0, "repeat", AlertState.DEAD, False),
        (Outcome.PAUSED, 0, "repeat", AlertState.RETRY, False),  # being told to wait is no failure
        (Outcome.OFF, 0, "repeat", AlertState.RETRY, False),  # kept until somebody puts it right
        (Outcome.REFUSED, 0, "hold", AlertState.RETRY, False),  # nothing arrived: always safe to send
        (Outcome.AMBIGUOUS, 0, "repeat", AlertState.RETRY, True),  # however many attempts reached nobody before
        (Outcome.AMBIGUOUS, 0, "hold", AlertState.UNKNOWN, False),
        (Outcome.AMBIGUOUS, MAX_DOUBTS - 1, "repeat", AlertState.UNKNOWN, False),
    ],
)
def test_what_becomes_of_an_alert(
    outcome: Outcome, doubts: int, ambiguous: str, state: AlertState, *, repeat: bool
) -> None:
    alert = replace(ALERT, attempts=99, doubts=doubts)
    found = fate(Answer(outcome, "", retry_after=7.0), alert, ambiguous)
    assert (found.state, found.repeat) == (state, repeat)


@pytest.mark.parametrize(("asked", "delay"), [(42.0, 42.0), (300.0, 300.0), (3600.0, 300.0)])
def test_an_alert_waits_as_long_as_was_asked_but_no_more_than_five_minutes(asked: float, delay: float) -> None:
    assert fate(Answer(Outcome.PAUSED, "", retry_after=asked), ALERT, "repeat").delay == delay


def test_the_wait_doubles_up_to_five_minutes() -> None:
    assert [backoff(attempt) for attempt in (1, 2, 3, 8, 9, 10_000)] == [2, 4, 8, 256, 300, 300]
