"""Marking what must be folded although nothing arrived: another day is over, or another detector judges."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final

from kumo.domain.entries import DAY_MS
from kumo.domain.totals.chain import compute_fingerprint
from kumo.engine import selection
from kumo.engine.totals import calendar, group_calendar
from kumo.engine.totals.calendar import Calendar
from kumo.services import Services
from kumo.store import marks, policies
from kumo.store.partition import Partition

# The field of what the detectors were; no currency and provider has this name.
DETECTORS: Final = "detectors"


def mark_moved(services: Services) -> None:
    """Mark the things of all partitions whose first running day has moved, or all if the detectors are others now."""
    days = calendar.read(services, {})
    wanted = describe_running(services, days) | {DETECTORS: _describe_detectors(services)}
    for partition, known in zip(services.store.partitions, marks.read_rolled(services.store), strict=True):
        moved = {name: value for name, value in wanted.items() if known.get(name) != value}
        if moved:
            found = _find_things(services, partition, known, moved, days)
            services.failpoint("mark.before")
            marks.mark(services.store, partition, found, moved)
            services.failpoint("mark.after")


def describe_running(services: Services, days: Calendar) -> dict[str, str]:
    """Return the first running day of each currency and provider, and of all costs of each currency, by its name.

    The latter also moves when a provider begins to matter, or no longer does.
    """
    running = {provider: str(days.find_first_running_day(provider)) for provider in days.feeds}
    for currency in {provider.partition(" ")[0] for provider in days.feeds}:
        of_groups = group_calendar.read(services, days, {currency})
        running[currency] = str(of_groups.find_first_running_day(list(of_groups.feeds)))
    return running


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
    for name, day in moved.items():
        since = min(int(day), int(known.get(name, day)))
        if " " in name:  # of a provider; one that is new here may have been folded on an earlier day
            first = since * DAY_MS if name in known else 0
            _add(oldest, marks.list_series(services.store, partition, name, first), since)
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
