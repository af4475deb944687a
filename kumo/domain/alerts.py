"""What is told about an anomaly, and what becomes of it at the destination."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kumo.domain.entries import DAY_MS


class Kind(StrEnum):
    """Why an alert is raised."""

    OPENED = "opened"
    WORSENED = "worsened"
    WITHDRAWN = "withdrawn"
    TEST = "test"
    IMPORTED = "imported"


class AlertState(StrEnum):
    """Where an alert stands.

    `unknown` is an alert whose message may or may not have arrived and is not sent again; `cancelled` one whose anomaly
    was withdrawn before the team was told.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    UNKNOWN = "unknown"
    NO_DESTINATION = "no destination"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An anomaly that an import brought, of days too old to be alerted about one by one; impact in micros."""

    service: str
    account: str
    currency: str
    impact: int
    timestamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What is told of an import that brought old days: once, in place of what it would have alerted.

    `money` is what it left in all, in micros by currency; `anomalies` counts those of old days, and `found` has the
    largest of them.
    """

    name: str
    first_day: str
    last_day: str
    services: int
    entries: int
    money: tuple[tuple[str, int], ...]
    anomalies: int
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to tell one destination; amounts and impacts in micros, times in milliseconds.

    The figures are those of the entry that raised it, as they were judged; `contributors` are what drove it, if a bill
    said so. A test alert has none of them, and neither has one about an import, which has `imported`. The store sets
    `created_at` and what stands from `state` on, all its times by its own clock. `attempts` counts how often it was
    sent, `doubts` after how many of them nobody knew whether it arrived, and `repeat` marks one that may have.
    `arrived_at` is when the entry that raised it came, 0 where none did.
    """

    id: str
    kind: Kind
    created_at: int = 0
    destination: str = "slack"
    anomaly: str = ""
    entry: str = ""
    service: str = ""
    provider: str = ""
    account: str = ""
    region: str = ""
    currency: str = ""
    timestamp: int = 0
    amount: int = 0
    mean: float = 0.0
    stddev: float = 0.0
    z: float = 0.0
    score: float | None = None
    detector: str = ""
    n: int = 0
    impact: int = 0
    contributors: tuple[tuple[str, int], ...] = ()
    imported: Imported | None = None
    state: AlertState = AlertState.PENDING
    attempts: int = 0
    due_at: int = 0
    sent_at: int = 0
    last_answer: str = ""
    repeat: bool = False
    doubts: int = 0
    arrived_at: int = 0


def quiet_before(now: int, max_age: float) -> int:
    """Return the time in ms before which entries that arrive now are not alerted about; 0 where age does not matter.

    `max_age` is in days. It counts when an entry arrives, so no alert depends on when a judge comes to it.
    """
    return max(0, now - int(max_age * DAY_MS)) if max_age else 0


class Outcome(StrEnum):
    """What a destination's answer means for the alerts of a message."""

    SENT = "sent"
    PAUSED = "paused"  # told to wait: nothing was accepted
    REFUSED = "refused"  # not accepted for a passing reason: send again later
    AMBIGUOUS = "ambiguous"  # may have been accepted
    UNREADABLE = "unreadable"  # the message itself was refused
    OFF = "off"  # the destination is gone or forbids us


@dataclass(frozen=True, slots=True)
class Answer:
    """A destination's answer: its meaning, a sentence that holds no secret, and how many seconds to wait if told."""

    outcome: Outcome
    detail: str
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an alert after an answer: its state, and in how many seconds it is due again if it is."""

    state: AlertState
    delay: float = 0.0
    repeat: bool = False


MAX_DOUBTS: Final = 12
FIRST_DELAY: Final = 2.0
LONGEST_DELAY: Final = 300.0


def fate(answer: Answer, alert: Alert, ambiguous: str) -> Fate:
    """Decide what becomes of an alert that was part of a message answered so; `ambiguous` is "repeat" or "hold".

    An answer that asks us to wait, a destination that is off or that nothing reached costs no patience: such an alert
    is kept however long it takes.
    """
    over = {Outcome.SENT: AlertState.SENT, Outcome.UNREADABLE: AlertState.DEAD}
    if answer.outcome in over:
        return Fate(over[answer.outcome])
    again = backoff(alert.attempts)
    # A longer pause is the destination's: no alert waits longer, by which a store whose clock stepped back is known.
    paused = min(answer.retry_after, LONGEST_DELAY)
    unheard = {Outcome.PAUSED: paused, Outcome.OFF: LONGEST_DELAY, Outcome.REFUSED: again}
    if answer.outcome in unheard:
        return Fate(AlertState.RETRY, unheard[answer.outcome])
    # Twelve possible repeats of one message are enough: what a destination answers then says nothing any more.
    if ambiguous == "hold" or alert.doubts + 1 >= MAX_DOUBTS:
        return Fate(AlertState.UNKNOWN)
    return Fate(AlertState.RETRY, again, repeat=True)


def backoff(attempts: int) -> float:
    """Seconds until the next attempt: 2, 4, 8, … up to five minutes."""
    return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts - 1, 10)))
