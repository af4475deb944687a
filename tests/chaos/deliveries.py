"""Whether every alert was sent exactly once, or once more for each time its delivery was unknown."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from kumo.domain.alerts import Alert, AlertKind, AlertStatus
from kumo.domain.anomalies import AnomalyStatus
from tests.chaos.evidence import Evidence
from tests.chaos.findings import DOUBLED, EPISODES, UNALERTED, UNMARKED, Findings
from tests.chaos.journal import KILL, LOSS, RECORDED, SEND
from tests.chaos.moods import AMBIGUOUS, Received
from tests.chaos.reference import Story

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


def check(stories: dict[str, Story], evidence: Evidence, findings: Findings) -> None:
    """Compare the alerts raised with those expected, and the messages with the alerts."""
    alerts = {alert.id: alert for alert in evidence.alerts()}
    messages = find_messages(evidence)
    findings.wrong[EPISODES] += _raised(stories, alerts)
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


def _raised(stories: dict[str, Story], alerts: dict[str, Alert]) -> Iterator[str]:
    """Yield which alerts are missing, too many, or cancelled although their anomaly still exists."""
    expected: dict[str, AlertKind] = {}
    withdrawn = set()
    for story in stories.values():
        expected |= {f"{anomaly}-{number}": kind for anomaly, number, kind in story.alerts}
        withdrawn |= {anomaly.id for anomaly in story.anomalies.values() if anomaly.status is AnomalyStatus.WITHDRAWN}
    found = {name: alert for name, alert in alerts.items() if alert.spend and alert.spend.entry[:16] in stories}
    for name in sorted(expected.keys() | found.keys()):
        if name not in expected:
            yield f"alert {name} ({found[name].kind}) should not be"
        elif name not in found:
            # An alert that was never sent is withdrawn silently.
            if expected[name] is not AlertKind.WITHDRAWN or _any_sent(name, alerts):
                yield f"alert {name} ({expected[name]}) is missing"
        elif found[name].kind is not expected[name]:
            yield f"alert {name} is {found[name].kind}, expected is {expected[name]}"
        elif found[name].delivery.status is AlertStatus.CANCELLED and found[name].anomaly not in withdrawn:
            yield f"alert {name} is cancelled, but its anomaly stands"


def _any_sent(name: str, alerts: dict[str, Alert]) -> bool:
    anomaly, number = name.rsplit("-", 1)
    earlier = [alerts.get(f"{anomaly}-{before}") for before in range(1, int(number))]
    return any(alert is not None and alert.delivery.status is not AlertStatus.CANCELLED for alert in earlier)


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
