"""Delivery: claim what is due, send it as one message, record the answer."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final

from kumo.domain.alerts import (
    LONGEST_DELAY,
    Alert,
    AlertKind,
    AlertStatus,
    Answer,
    Delivery,
    NextStatus,
    Outcome,
    choose_next_status,
)
from kumo.notify import summaries
from kumo.notify.channel import Channel
from kumo.services import Services
from kumo.store import destinations, keys, leases, outbox
from kumo.store.destinations import Answered
from kumo.store.outbox import Attempt, Claim, Lease
from kumo.store.partition import Partition

JOB_SECONDS: Final = 5.0
WAKE_MS: Final = 10_000
# Longer than a message takes: two requests of 10 s, and what a slow name server adds. Where even this is too short,
# another notifier repeats the message, marked so, and the first one's outcome is not written down any more.
LEASE_MS: Final = 45_000
PACE_MS: Final = 1_000
CLAIM_ALERTS: Final = 500
NO_DESTINATION_MS: Final = 15_000
KINDS: Final = frozenset(AlertKind)
UNKNOWN_KIND: Final = "This alert is of a kind that only a newer version of Kumo knows: it waits for that."
NO_DESTINATION: Final = "No destination is configured: set {}."

_log = logging.getLogger(__name__)


def ask(services: Services) -> None:
    """Ask for a notify job, unless one is on its way."""
    if leases.take(services.store, keys.NOTIFY_WAKE, "1", WAKE_MS):
        services.jobs.notify()


def run(services: Services) -> None:
    """Send what is due, for five seconds at most; ask for another job where more waits or comes due shortly."""
    services.store.client.delete(keys.NOTIFY_WAKE)
    deadline = time.monotonic() + JOB_SECONDS
    while (wait := send_due(services)) is not None:
        if time.monotonic() + wait > deadline:
            if wait < JOB_SECONDS:
                ask(services)
            return
        time.sleep(wait)


def send_due(services: Services) -> float | None:
    """Send one message with the alerts due now; returns in how many seconds to look again, None if nothing waits."""
    due = outbox.due(services.store)
    wait = _seconds(due)
    if wait is None or wait > 0:
        return wait
    destination = services.channels.default
    channel = services.channels.find(destination)
    if channel is None:
        return _defer(services)
    token = services.token()
    pause = destinations.take(services.store, destination, LEASE_MS, token, channel.fingerprint)
    if pause < 0:
        return None
    if pause > 0:
        return pause / 1000
    services.failpoint("claim.before")
    lease = Lease(token, LEASE_MS, CLAIM_ALERTS, channel.ambiguous)
    claims = _claim(services, [place for place, first in due.items() if first <= 0], lease)
    services.failpoint("post.before")
    answer = channel.send([claim.alert for claim in claims]) if claims else None
    services.failpoint("post.after")
    _record_answer(services, channel, token, claims, answer)
    services.failpoint("outcome.after")
    return _due_in(services)


def _claim(services: Services, due: Sequence[Partition], lease: Lease) -> Sequence[Claim]:
    """Claim due alerts. Those of a kind that a newer version raised wait for that: nobody here can word them."""
    claims = outbox.claim(services.store, due, lease)
    unknown = [claim for claim in claims if claim.alert.kind not in KINDS]
    later = NextStatus(AlertStatus.RETRY, LONGEST_DELAY)
    outbox.record_attempts(services.store, lease.token, [Attempt(claim, later, UNKNOWN_KIND) for claim in unknown])
    return [claim for claim in claims if claim.alert.kind in KINDS]


def _due_in(services: Services) -> float | None:
    return _seconds(outbox.due(services.store))


def _seconds(due: Mapping[Partition, int]) -> float | None:
    """Return the seconds until the first of these is due, None where nothing waits."""
    return max(0.0, min(due.values()) / 1000) if due else None


def _record_answer(
    services: Services, channel: Channel, token: str, claims: Sequence[Claim], answer: Answer | None
) -> None:
    """Record the answer in the claimed alerts, then release the destination."""
    rows = [] if answer is None else [_build_attempt(channel, claim, answer) for claim in claims]
    outbox.record_attempts(services.store, token, rows)
    outcome = answer.outcome if answer else None
    if outcome is Outcome.SENT:
        _log.info("%s", summaries.summarize_sent([claim.alert for claim in claims], channel.title))
    elif answer:
        _log.warning("%s: %s (%d alerts)", channel.title, answer.detail, len(claims))
    repeats = sum(claim.alert.delivery.repeat for claim in claims)
    paused = answer.retry_after if answer and outcome is Outcome.PAUSED else 0.0
    answered = Answered(
        pause_ms=max(PACE_MS, int(paused * 1000)),
        last_answer=answer.detail if answer else "",
        off=outcome is Outcome.OFF,
        sent=outcome is Outcome.SENT,
        repeats=repeats if outcome in {Outcome.SENT, Outcome.AMBIGUOUS} else 0,
    )
    destinations.give_back(services.store, services.channels.default, token, answered)


def _build_attempt(channel: Channel, claim: Claim, answer: Answer) -> Attempt:
    return Attempt(claim, choose_next_status(answer, claim.alert.delivery, channel.ambiguous), answer.detail)


def _defer(services: Services) -> float | None:
    """Mark due alerts as having no destination; they are sent once one is configured."""
    why = NO_DESTINATION.format(services.channels.find_settings(services.channels.default))
    fresh = outbox.defer(services.store, CLAIM_ALERTS, NO_DESTINATION_MS, why)
    if fresh:
        _log.warning("%d alerts are kept: %s", fresh, why)
    return _due_in(services)


def raise_test(services: Services) -> Alert:
    """Raise a test alert, which is sent like any other; a destination that was switched off is tried again."""
    destination = services.channels.default
    alert = Alert(f"test-{services.token()}-1", AlertKind.TEST, delivery=Delivery(destination))
    destinations.switch_on(services.store, destination)
    outbox.add(services.store, alert)
    (raised,) = outbox.read(services.store, [alert.id])
    ask(services)
    return raised
