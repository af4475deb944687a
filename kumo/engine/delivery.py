"""Delivery: claim the alerts that are due at a destination, send them as one message, record the answer.

Each destination is served on its own, in a thread: one that is slow, paused or off delays no other.
"""

import logging
import math
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
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
from kumo.store.destinations import MessageResult
from kumo.store.outbox import Attempt, Claim, Lease
from kumo.store.partition import Partition

JOB_SECONDS: Final = 5.0
# How long a job starts messages beyond that, while another destination is slow to answer.
OVERTIME_SECONDS: Final = 20.0
# How often a job looks for new alerts meanwhile.
LOOK_SECONDS: Final = 0.25
MOST_DESTINATIONS: Final = 32
WAKE_MS: Final = 10_000
# Longer than a message takes: two requests of 10 s, and the delay of a slow name server. If it takes even longer,
# another notifier repeats the message, marked as a repeat, and the outcome of the first one is not recorded.
LEASE_MS: Final = 45_000
PACE_MS: Final = 1_000
CLAIM_ALERTS: Final = 500
NO_DESTINATION_MS: Final = 15_000
KINDS: Final = frozenset(AlertKind)
UNKNOWN_KIND: Final = "This alert is of a kind that only a newer version of Kumo knows: it waits for that."
NO_DESTINATION: Final = "The destination {} is not configured: set {}."

_log = logging.getLogger(__name__)


def enqueue(services: Services) -> None:
    """Enqueue a notify job, unless one is queued."""
    if leases.take(services.store, keys.NOTIFY_WAKE, "1", WAKE_MS):
        services.jobs.notify()


def run(services: Services) -> None:
    """Send due alerts for at most five seconds; enqueue another job if more are due soon."""
    services.store.client.delete(keys.NOTIFY_WAKE)
    deadline = time.monotonic() + JOB_SECONDS
    with ThreadPoolExecutor(MOST_DESTINATIONS, "send") as pool:
        dispatcher = _Dispatcher(services, pool)
        while True:
            pause = dispatcher.start_due()
            left = deadline - time.monotonic()
            if dispatcher.busy and left > -OVERTIME_SECONDS:
                dispatcher.finish(LOOK_SECONDS if pause is None else min(LOOK_SECONDS, pause))
            elif pause is None and not dispatcher.busy:
                return
            elif pause is None or pause > left:
                if pause is None or pause < JOB_SECONDS:
                    enqueue(services)
                return
            else:
                time.sleep(pause)


def send_due(services: Services) -> float | None:
    """Send one message to each destination with alerts due now; return the seconds until more is due, None if never."""
    with ThreadPoolExecutor(MOST_DESTINATIONS, "send") as pool:
        dispatcher = _Dispatcher(services, pool)
        dispatcher.start_due()
        while dispatcher.busy:
            dispatcher.finish(None)
        return dispatcher.find_pause()


class _Dispatcher:
    """Sends to each destination in a thread of its own."""

    def __init__(self, services: Services, pool: ThreadPoolExecutor) -> None:
        """Send nothing yet."""
        self._services = services
        self._pool = pool
        self._sending: dict[str, Future[float]] = {}
        self._free_at: dict[str, float] = {}
        self._finished_at = 0.0

    @property
    def busy(self) -> bool:
        """Whether a message is on its way."""
        return bool(self._sending)

    def start_due(self) -> float | None:
        """Start one message to each destination that is free and has alerts due; return the seconds until the next."""
        pauses = self._find_pauses(time.monotonic())
        for destination, (pause, due) in pauses.items():
            if pause <= 0:
                self._sending[destination] = self._pool.submit(_send, self._services, destination, due)
        return min((pause for pause, _ in pauses.values() if 0 < pause < math.inf), default=None)

    def find_pause(self) -> float | None:
        """Return the seconds from the last answer until the next message may start, None if none waits."""
        pauses = self._find_pauses(self._finished_at)
        return min((pause for pause, _ in pauses.values() if pause < math.inf), default=None)

    def finish(self, seconds: float | None) -> None:
        """Wait until a message was answered, but no longer than some seconds; raises what its thread raised."""
        done, _ = wait(self._sending.values(), seconds, FIRST_COMPLETED)
        self._finished_at = time.monotonic()
        for destination in [name for name, sending in self._sending.items() if sending in done]:
            self._free_at[destination] = self._finished_at + self._sending.pop(destination).result()

    def _find_pauses(self, now: float) -> dict[str, tuple[float, list[Partition]]]:
        """Return, for each destination with no message on its way, the seconds to wait and where alerts are due."""
        found = {}
        for destination, waits in outbox.find_due(self._services.store).items():
            if destination not in self._sending:
                busy = self._free_at.get(destination, 0.0) - now
                pause = max(0.0, min(waits.values()) / 1000, round(busy, 3))
                found[destination] = pause, [partition for partition, ms in waits.items() if ms <= 0]
        return found


def _send(services: Services, destination: str, due: Sequence[Partition]) -> float:
    """Send one message with the due alerts of a destination; return the seconds until the next one, inf while off."""
    channel = services.channels.find(destination)
    if channel is None:
        _defer(services, destination, due)
        return 0.0
    token = services.token()
    wait_ms = destinations.acquire(services.store, destination, LEASE_MS, token, channel.fingerprint)
    if wait_ms:
        return wait_ms / 1000 if wait_ms > 0 else math.inf
    services.failpoint("claim.before")
    claims = _claim(services, due, Lease(destination, token, LEASE_MS, CLAIM_ALERTS, channel.ambiguous))
    services.failpoint("post.before")
    answer = _post(channel, [claim.alert for claim in claims]) if claims else None
    services.failpoint("post.after")
    outbox.record_attempts(services.store, token, _decide(channel, claims, answer))
    result = _summarize(channel, claims, answer)
    destinations.release(services.store, destination, token, result)
    services.failpoint("outcome.after")
    return math.inf if result.off else result.pause_ms / 1000


def _post(channel: Channel, alerts: Sequence[Alert]) -> Answer:
    """Send a message. A channel never raises; if one does all the same, its message may have arrived."""
    try:
        return channel.send(alerts)
    except Exception:  # noqa: BLE001 - a faulty channel must not keep the others from sending
        _log.exception("%s failed while sending.", channel.title)
        return Answer(Outcome.AMBIGUOUS, f"{channel.title} failed while sending: the message may have arrived.")


def _claim(services: Services, due: Sequence[Partition], lease: Lease) -> Sequence[Claim]:
    """Claim due alerts. Those of a kind that a newer version raised wait for that: they have no text here."""
    claims = outbox.claim(services.store, due, lease)
    unknown = [claim for claim in claims if claim.alert.kind not in KINDS]
    later = NextStatus(AlertStatus.RETRY, LONGEST_DELAY)
    outbox.record_attempts(services.store, lease.token, [Attempt(claim, later, UNKNOWN_KIND) for claim in unknown])
    return [claim for claim in claims if claim.alert.kind in KINDS]


def _decide(channel: Channel, claims: Sequence[Claim], answer: Answer | None) -> list[Attempt]:
    """Decide what is next for each alert of a message."""
    if answer is None:
        return []
    return [
        Attempt(claim, choose_next_status(answer, claim.alert.delivery, channel.ambiguous), answer.detail)
        for claim in claims
    ]


def _summarize(channel: Channel, claims: Sequence[Claim], answer: Answer | None) -> MessageResult:
    """Log a message, and return what it means for its destination."""
    if answer is None:
        return MessageResult(pause_ms=PACE_MS, last_answer="", off=False, sent=False, repeats=0)
    if answer.outcome is Outcome.SENT:
        _log.info("%s", summaries.summarize_sent([claim.alert for claim in claims], channel.title))
    else:
        _log.warning("%s (%d alerts)", answer.detail, len(claims))
    pause = answer.retry_after if answer.outcome is Outcome.PAUSED else 0.0
    may_have_arrived = answer.outcome in {Outcome.SENT, Outcome.AMBIGUOUS}
    return MessageResult(
        pause_ms=max(PACE_MS, int(pause * 1000)),
        last_answer=answer.detail,
        off=answer.outcome is Outcome.OFF,
        sent=answer.outcome is Outcome.SENT,
        repeats=sum(claim.alert.delivery.repeat for claim in claims) if may_have_arrived else 0,
    )


def _defer(services: Services, destination: str, due: Sequence[Partition]) -> None:
    """Mark due alerts as having no destination; they are sent once it is configured."""
    why = NO_DESTINATION.format(destination, services.channels.find_settings(destination))
    fresh = outbox.defer(services.store, destination, due, NO_DESTINATION_MS, why)
    if fresh:
        _log.warning("%d alerts are kept: %s", fresh, why)


def raise_test(services: Services) -> Alert:
    """Raise a test alert, which is sent like any other; this also tries a destination again that was switched off."""
    destination = services.channels.default
    alert = Alert(f"test-{services.token()}-1", AlertKind.TEST, delivery=Delivery(destination))
    destinations.switch_on(services.store, destination)
    outbox.add(services.store, alert)
    (raised,) = outbox.read(services.store, [alert.id])
    enqueue(services)
    return raised
