"""Delivering: claim what is due, send it as one message, write down what became of it."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final

from kumo.domain.alerts import LONGEST_DELAY, Alert, AlertState, Answer, Fate, Kind, Outcome, fate
from kumo.notify import lines
from kumo.services import Services
from kumo.store import destinations, keys, leases, outbox
from kumo.store.destinations import Answered
from kumo.store.outbox import Claim, Lease, Settled
from kumo.store.partition import Partition

SLACK: Final = "slack"
JOB_SECONDS: Final = 5.0
WAKE_MS: Final = 10_000
# Longer than a message takes: two requests of 10 s, and what a slow name server adds. Where even this is too short,
# another notifier repeats the message, marked so, and the first one's outcome is not written down any more.
LEASE_MS: Final = 45_000
PACE_MS: Final = 1_000
CLAIM_ALERTS: Final = 500
NO_DESTINATION_MS: Final = 15_000
KINDS: Final = frozenset(Kind)
UNKNOWN_KIND: Final = "This alert is of a kind that only a newer version of Kumo knows: it waits for that."
NO_DESTINATION: Final = "No destination is configured: set SLACK_WEBHOOK_URL."

_log = logging.getLogger(__name__)


def ask(services: Services) -> None:
    """Ask for a notify job, unless one is on its way."""
    if leases.take(services.store, keys.NOTIFY_WAKE, "1", WAKE_MS):
        services.jobs.notify()


def run(services: Services) -> None:
    """Tell what is due, for five seconds at most; asks for another job where more waits or comes due shortly."""
    services.store.client.delete(keys.NOTIFY_WAKE)
    deadline = time.monotonic() + JOB_SECONDS
    while (wait := tell(services)) is not None:
        if time.monotonic() + wait > deadline:
            if wait < JOB_SECONDS:
                ask(services)
            return
        time.sleep(wait)


def tell(services: Services) -> float | None:
    """Send one message with the alerts due now; returns in how many seconds to look again, None if nothing waits."""
    due = outbox.due(services.store)
    wait = _seconds(due)
    if wait is None or wait > 0:
        return wait
    if services.slack is None:
        return _defer(services)
    token = services.token()
    turn = destinations.take(services.store, SLACK, LEASE_MS, token, services.slack.fingerprint)
    if turn < 0:
        return None
    if turn > 0:
        return turn / 1000
    services.failpoint("claim.before")
    lease = Lease(token, LEASE_MS, CLAIM_ALERTS, services.settings.slack_ambiguous)
    claims = _claim(services, [place for place, first in due.items() if first <= 0], lease)
    services.failpoint("post.before")
    answer = services.slack.send([claim.alert for claim in claims]) if claims else None
    services.failpoint("post.after")
    _settle(services, token, claims, answer)
    services.failpoint("settle.after")
    return _due_in(services)


def _claim(services: Services, due: Sequence[Partition], lease: Lease) -> Sequence[Claim]:
    """Claim due alerts. Those of a kind that a newer version raised wait for that: nobody here can word them."""
    claims = outbox.claim(services.store, due, lease)
    unknown = [claim for claim in claims if claim.alert.kind not in KINDS]
    put_off = Fate(AlertState.RETRY, LONGEST_DELAY)
    outbox.settle(services.store, lease.token, [Settled(claim, put_off, UNKNOWN_KIND) for claim in unknown])
    return [claim for claim in claims if claim.alert.kind in KINDS]


def _due_in(services: Services) -> float | None:
    return _seconds(outbox.due(services.store))


def _seconds(due: Mapping[Partition, int]) -> float | None:
    """Return the seconds until the first of these is due, None where nothing waits."""
    return max(0.0, min(due.values()) / 1000) if due else None


def _settle(services: Services, token: str, claims: Sequence[Claim], answer: Answer | None) -> None:
    """Write down what became of the claimed alerts, then let the next message go."""
    rows = [] if answer is None else [_decide(services, claim, answer) for claim in claims]
    outbox.settle(services.store, token, rows)
    outcome = answer.outcome if answer else None
    if outcome is Outcome.SENT:
        _log.info("%s", lines.describe_sent([claim.alert for claim in claims]))
    elif answer:
        _log.warning("Slack: %s (%d alerts)", answer.detail, len(claims))
    paused = answer.retry_after if answer and outcome is Outcome.PAUSED else 0.0
    answered = Answered(
        pause_ms=max(PACE_MS, int(paused * 1000)),
        last_answer=answer.detail if answer else "",
        off=outcome is Outcome.OFF,
        sent=outcome is Outcome.SENT,
        repeats=sum(claim.alert.repeat for claim in claims) if outcome in {Outcome.SENT, Outcome.AMBIGUOUS} else 0,
    )
    destinations.give_back(services.store, SLACK, token, answered)


def _decide(services: Services, claim: Claim, answer: Answer) -> Settled:
    return Settled(claim, fate(answer, claim.alert, services.settings.slack_ambiguous), answer.detail)


def _defer(services: Services) -> float | None:
    """Mark due alerts as having nowhere to go; they are looked at again, and told once a destination is set."""
    fresh = outbox.defer(services.store, CLAIM_ALERTS, NO_DESTINATION_MS, NO_DESTINATION)
    if fresh:
        _log.warning("%d alerts are kept: %s", fresh, NO_DESTINATION)
    return _due_in(services)


def test(services: Services) -> Alert:
    """Raise a test alert on the real path; tries a destination again that was switched off."""
    alert = Alert(id=f"test-{services.token()}-1", kind=Kind.TEST)
    destinations.switch_on(services.store, SLACK)
    outbox.add(services.store, alert)
    (raised,) = outbox.read(services.store, [alert.id])
    ask(services)
    return raised
