"""Alerts: their content, and the state of their delivery to a destination."""

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from kumo.domain.entries import DAY_MS, Series
from kumo.domain.judging import Cause
from kumo.domain.total_change import TotalChange


class AlertKind(StrEnum):
    """Why an alert is raised."""

    OPENED = "opened"
    WORSENED = "worsened"
    WITHDRAWN = "withdrawn"
    TEST = "test"
    IMPORTED = "imported"


class AlertStatus(StrEnum):
    """The status of an alert's delivery.

    `unknown` is an unconfirmed alert: its message may have arrived, and is not sent again. `cancelled`: the
    anomaly was withdrawn before the alert was sent.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    UNKNOWN = "unknown"
    NO_DESTINATION = "no destination"
    CANCELLED = "cancelled"


# With these statuses an alert is not sent yet, so it is among the due ones.
NOT_SENT: Final = (AlertStatus.PENDING, AlertStatus.SENDING, AlertStatus.RETRY, AlertStatus.NO_DESTINATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendChange:
    """The entry or total of an anomaly that raised an alert, with its figures at the time of judging.

    Amounts and impacts are in micros, times in milliseconds; `arrived_at` is the time of arrival, 0 if it is not
    known. `contributors` are the resources that make up its cost, if a bill has them. `total` is None for an entry. If
    it is that of a group, `series` has only the names that the group fixes. `entry` is empty if a total has several.
    """

    anomaly: str
    entry: str
    series: Series
    timestamp: int
    arrived_at: int = 0
    amount: int = 0
    mean: float = 0.0
    stddev: float = 0.0
    z: float = 0.0
    score: float | None = None
    detector: str = ""
    cause: Cause | None = None
    n: int = 0
    impact: int = 0
    contributors: tuple[tuple[str, int], ...] = ()
    total: TotalChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldAnomaly:
    """An anomaly in days that were too old for an alert when an import brought them; impact in micros."""

    service: str
    account: str
    currency: str
    impact: int
    timestamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """An import with old days: one alert instead of one for each of their anomalies.

    `money` is the total of the import, in micros by currency. `anomalies` counts those of old days, and `largest`
    has the largest of them.
    """

    name: str
    first_day: str
    last_day: str
    services: int
    entries: int
    money: tuple[tuple[str, int], ...]
    anomalies: int
    largest: tuple[OldAnomaly, ...] = ()


Content: TypeAlias = SpendChange | ImportSummary

# The content of each kind of alert. A test has none; that of a kind from a newer version cannot be read.
CONTENTS: Final[dict[str, type[SpendChange] | type[ImportSummary]]] = {
    AlertKind.OPENED: SpendChange,
    AlertKind.WORSENED: SpendChange,
    AlertKind.WITHDRAWN: SpendChange,
    AlertKind.IMPORTED: ImportSummary,
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """The state of an alert's delivery; times in milliseconds by the store's clock.

    `attempts` counts the sends, `unconfirmed` the attempts with an unknown result. `repeat`
    marks an alert that may have arrived and is sent again.
    """

    destination: str = ""
    status: AlertStatus = AlertStatus.PENDING
    _: KW_ONLY
    attempts: int = 0
    due_at: int = 0
    sent_at: int = 0
    last_answer: str = ""
    repeat: bool = False
    unconfirmed: int = 0


@dataclass(frozen=True, slots=True)
class Alert:
    """One message to one destination: its content, which never changes, and its delivery, which the store keeps."""

    id: str
    kind: AlertKind
    content: Content | None = None
    created_at: int = 0
    delivery: Delivery = Delivery()

    @property
    def spend(self) -> SpendChange | None:
        """The entry that it is about, if any."""
        return self.content if isinstance(self.content, SpendChange) else None

    @property
    def anomaly(self) -> str:
        """The id of the anomaly that it is about; empty if there is none."""
        return self.spend.anomaly if self.spend else ""

    @property
    def impact(self) -> int:
        """The impact of the entry that it is about, in micros; 0 if there is none."""
        return self.spend.impact if self.spend else 0

    @property
    def arrived_at(self) -> int:
        """When the entry that it is about arrived, in ms; 0 if not known."""
        return self.spend.arrived_at if self.spend else 0


def quiet_before(now: int, max_age: float) -> int:
    """Return the time in ms before which arriving entries raise no alert; 0 for no limit of age.

    `max_age` is in days. It is applied when an entry arrives, so no alert depends on when a judge runs.
    """
    return max(0, now - int(max_age * DAY_MS)) if max_age else 0


class Outcome(StrEnum):
    """The meaning of a destination's answer for the alerts of a message."""

    SENT = "sent"
    PAUSED = "paused"  # asked to wait: nothing was accepted
    REFUSED = "refused"  # not accepted for a passing reason: send again later
    AMBIGUOUS = "ambiguous"  # may have been accepted
    UNREADABLE = "unreadable"  # the message itself was refused
    OFF = "off"  # the destination is gone or refuses Kumo


class Ambiguous(StrEnum):
    """The rule for an alert that may have arrived: send it again, or hold it back."""

    REPEAT = "repeat"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Answer:
    """A destination's answer: its meaning, a sentence without secrets, and the seconds to wait that it asks for."""

    outcome: Outcome
    detail: str
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class NextStatus:
    """The status of an alert after an attempt; if it is due again, after how many seconds, and whether as a repeat."""

    status: AlertStatus
    delay: float = 0.0
    repeat: bool = False


MAX_UNCONFIRMED: Final = 12
FIRST_DELAY: Final = 2.0
LONGEST_DELAY: Final = 300.0


def choose_next_status(answer: Answer, delivery: Delivery, ambiguous: str) -> NextStatus:
    """Choose the next status of an alert after its message was answered.

    The number of attempts has no limit if the alert certainly did not arrive: the destination asks to wait, is off
    or cannot be reached.
    """
    final = {Outcome.SENT: AlertStatus.SENT, Outcome.UNREADABLE: AlertStatus.DEAD}
    if answer.outcome in final:
        return NextStatus(final[answer.outcome])
    delay = compute_delay(delivery.attempts)
    # The destination keeps a longer pause. No alert waits longer; so a clock that stepped back is noticed.
    pause = min(answer.retry_after, LONGEST_DELAY)
    delays = {Outcome.PAUSED: pause, Outcome.OFF: LONGEST_DELAY, Outcome.REFUSED: delay}
    if answer.outcome in delays:
        return NextStatus(AlertStatus.RETRY, delays[answer.outcome])
    # After twelve possible repeats of one message, the answers of this destination are no longer useful.
    if ambiguous == Ambiguous.HOLD or delivery.unconfirmed + 1 >= MAX_UNCONFIRMED:
        return NextStatus(AlertStatus.UNKNOWN)
    return NextStatus(AlertStatus.RETRY, delay, repeat=True)


def compute_delay(attempts: int) -> float:
    """Return the seconds until the next attempt: 2, 4, 8, … up to five minutes."""
    return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts - 1, 10)))
