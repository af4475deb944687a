import pytest

from kumo.domain.alerts import MAX_ATTEMPTS, Answer, Outcome, State, backoff, fate


@pytest.mark.parametrize(
    ("outcome", "attempts", "ambiguous", "state", "repeat"),
    [
        (Outcome.SENT, 1, "repeat", State.SENT, False),
        (Outcome.UNREADABLE, 1, "repeat", State.DEAD, False),
        (Outcome.PAUSED, 99, "repeat", State.RETRY, False),  # being told to wait is no failure
        (Outcome.OFF, 99, "repeat", State.RETRY, False),  # kept until somebody puts it right
        (Outcome.REFUSED, 99, "hold", State.RETRY, False),  # nothing arrived: always safe to send
        (Outcome.AMBIGUOUS, 1, "repeat", State.RETRY, True),
        (Outcome.AMBIGUOUS, 1, "hold", State.UNKNOWN, False),
        (Outcome.AMBIGUOUS, MAX_ATTEMPTS, "repeat", State.UNKNOWN, False),
    ],
)
def test_what_becomes_of_an_alert(
    outcome: Outcome, attempts: int, ambiguous: str, state: State, *, repeat: bool
) -> None:
    found = fate(Answer(outcome, "", retry_after=7.0), attempts, ambiguous)
    assert (found.state, found.repeat) == (state, repeat)


def test_a_pause_lasts_as_long_as_was_asked() -> None:
    assert fate(Answer(Outcome.PAUSED, "", retry_after=42.0), 1, "repeat").delay == 42.0


def test_the_wait_doubles_up_to_five_minutes() -> None:
    assert [backoff(attempt) for attempt in (1, 2, 3, 8, 9, 10_000)] == [2, 4, 8, 256, 300, 300]
