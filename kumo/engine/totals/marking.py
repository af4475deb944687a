"""Marking what must be folded although nothing arrived: another day is over, or another detector judges."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final

from kumo.domain.entries import DAY_MS
from kumo.domain.totals.chain import compute_fingerprint
from kumo.engine import selection
from kumo.engine.totals import calendar
from kumo.engine.totals.calendar import Calendar
from kumo.services import Services
from kumo.store import marks, policies
from kumo.store.partition import Partition

# The field of what the detectors were; no currency and provider has this name.
DETECTORS: Final = "detectors"


def mark_moved(services: Services) -> None:
    """Mark the things of all partitions whose first running day has moved, or all if the detectors are others now."""
    days = calendar.read(services, {})
    detectors = _describe_detectors(services)
    running = {provider: days.find_first_running_day(provider) for provider in days.feeds}
    for partition, known in zip(services.store.partitions, marks.read_rolled(services.store), strict=True):
        wanted = {provider: str(day) for provider, day in running.items()} | {DETECTORS: detectors}
        moved = {name: value for name, value in wanted.items() if known.get(name) != value}
        if moved:
            found = _find_things(services, partition, known, moved, days)
            services.failpoint("mark.before")
            marks.mark(services.store, partition, found, moved)
            services.failpoint("mark.after")


def _find_things(
    services: Services, partition: Partition, known: Mapping[str, str], moved: Mapping[str, str], days: Calendar
) -> dict[str, int]:
    """Return the things to mark, each with the day from which it must be folded.

    One with a chain of other detectors is folded from its first day on, wherever the mark is.
    """
    series, others = marks.list_things(services.store, partition)
    if DETECTORS in moved:
        return dict.fromkeys(series | others, days.today)
    oldest: dict[str, int] = {}
    for provider in moved.keys() & known.keys():
        since = min(int(known[provider]), int(moved[provider]))
        _add(oldest, marks.list_series(services.store, partition, provider, since * DAY_MS), since)
        _add(oldest, others, since)
    return oldest


def _add(oldest: dict[str, int], things: Iterable[str], day: int) -> None:
    for thing in things:
        oldest[thing] = min(day, oldest.get(thing, day))


def _describe_detectors(services: Services) -> str:
    """Return a text that differs if a detector of the settings or of a policy does."""
    asked = [selection.detector_of(services, kept.policy) for kept in policies.list_all(services.store)]
    window = services.settings.window
    prints = [compute_fingerprint(detector, window).hex() for detector in [services.detector, *asked]]
    return hashlib.sha256(json.dumps(prints).encode()).hexdigest()[:16]
