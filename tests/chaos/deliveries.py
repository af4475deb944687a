"""Whether every alert was sent exactly once, or once more for each time its delivery was unknown."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from kumo.domain.alerts import Alert, AlertStatus
from tests.chaos.evidence import Evidence
from tests.chaos.findings import DOUBLED, UNALERTED, UNMARKED, Findings
from tests.chaos.journal import KILL, LOSS, RECORDED, SEND
from tests.chaos.moods import AMBIGUOUS, Received

# Ten seconds of Kumo's clock. A notifier that takes longer than that to send may have lost its lease though it lives.
SLOW_SECONDS = 2.0


@dataclass(frozen=True)
class SentMessage:
    """One message that appeared, about one alert: when the notifier began and wrote down the outcome, if it did."""

    message: Received
    notifier: int
    begun: float
    recorded: float | None
    repeat: bool


def find_messages(evidence: Evidence) -> dict[str, list[SentMessage]]:
    """Return, per alert, the messages about it that appeared, in order."""
    received = {row.number: row for row in evidence.received if row.accepted}
    recorded = {event.where: event.at for event in evidence.events if event.kind == RECORDED}
    found: dict[str, list[SentMessage]] = {}
    for event in evidence.events:
        if event.kind == SEND and event.where in received:
            for alert, repeat in event.more:
                message = SentMessage(received[event.where], event.pid, event.at, recorded.get(event.where), repeat)
                found.setdefault(alert, []).append(message)
    return {alert: sorted(rows, key=lambda row: row.message.at) for alert, rows in found.items()}


def check(alerts: dict[str, Alert], evidence: Evidence, findings: Findings) -> None:
    """Compare the messages with the alerts."""
    messages = find_messages(evidence)
    for alert in alerts.values():
        rows = messages.get(alert.id, [])
        if alert.delivery.status is AlertStatus.CANCELLED and not rows:
            findings.seen["cancelled"] += 1
        elif not rows or alert.delivery.status not in {AlertStatus.SENT, AlertStatus.UNKNOWN}:
            findings.wrong[UNALERTED].append(
                f"{alert.id} ({alert.kind}) is {alert.delivery.status}, sent {len(rows)} times"
            )
        findings.wrong[DOUBLED] += _without_cause(alert.id, rows, evidence)
        findings.wrong[UNMARKED] += [f"{alert.id} in {row.message}" for row in rows[1:] if not row.repeat]
        findings.seen["repeats"] += max(0, len(rows) - 1)
    findings.seen["alerts"] = len(alerts)
    findings.seen["messages"] = sum(1 for row in evidence.received if row.accepted)


def _without_cause(alert: str, rows: list[SentMessage], evidence: Evidence) -> Iterator[str]:
    """Yield which messages were repeated although the delivery of the first one was known."""
    for first, second in pairwise(rows):
        slow = (first.recorded or second.begun) - first.begun > SLOW_SECONDS
        if first.message.mood not in AMBIGUOUS and not _harmed(first, second, evidence) and not slow:
            yield f"{alert}: {first} and again {second}"


def _harmed(first: SentMessage, second: SentMessage, evidence: Evidence) -> bool:
    """Whether the notifier or Redis died, or a reply of Redis was lost, between a message and the next."""
    for event in evidence.events:
        if event.kind in {KILL, LOSS} and first.begun <= event.at <= second.begun:
            victim = event.pid if event.more is None else event.more
            if event.role == "redis" or victim == first.notifier:
                return True
    return False
