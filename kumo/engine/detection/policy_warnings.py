"""Warnings about policies whose alert limits the covered spend can hardly ever reach."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Final

from kumo.domain import money
from kumo.domain.entries import Series
from kumo.domain.judging import Arrival, Status, Verdict
from kumo.domain.policies import ANY, Combine, Policy
from kumo.engine import selection
from kumo.engine.detection import series_memory
from kumo.services import Services
from kumo.store import policies, series
from kumo.store.partition import Partition

DAYS: Final = 31
# The number of an entry after all there are.
NEXT: Final = 2**39
# Number of series read together. The first ones mostly show that a minimum impact can be reached. If a policy
# covers more, its threshold is not checked, because each series would have to be judged.
STEP: Final = 500

Known = Iterable[tuple[str, Series]]


def find_all_warnings(services: Services) -> Iterator[str]:
    """Yield a sentence for each policy that can hardly ever raise an alert."""
    asked = policies.list_all(services.store)
    known = list(_read_series(services, {})) if asked else []
    for kept in asked:
        yield from _warn(services, kept.policy, known)


def find_warnings(services: Services, policy: Policy) -> list[str]:
    """Return why a policy can hardly ever alert, in sentences; empty if it can.

    Its minimum impact is above the cost of all its series in the last 31 days; or one entry with that whole cost would
    not exceed its threshold in any series; or it covers no series. Tags are ignored: any series might get them.
    """
    exact = {name: text for name, text in policy.match.items() if ANY not in text}
    return list(_warn(services, policy, _read_series(services, exact)))


def _read_series(services: Services, filters: Mapping[str, str]) -> Iterator[tuple[str, Series]]:
    """Yield series by id, reading only as many as are used."""
    ids = series.matching(services.store, filters)
    for start in range(0, len(ids), STEP):
        yield from series.identities(services.store, ids[start : start + STEP]).items()


def _warn(services: Services, policy: Policy, known: Known) -> Iterator[str]:
    covered = (series_id for series_id, identity in known if replace(policy, tags={}).covers(identity, {}))
    some = list(islice(covered, STEP + 1))
    if not some:
        yield f"The policy {policy.name} covers no series."
        return
    if _needs_impact(policy):
        yield from _warn_of_impact(services, policy, chain(some, covered))
    if policy.threshold is not None and len(some) <= STEP:
        yield from _warn_of_threshold(services, policy, some)


def _needs_impact(policy: Policy) -> bool:
    """Return whether every alert needs the minimum impact."""
    return policy.min_impact is not None and (policy.combine is Combine.AND or policy.min_impact_percent is None)


def _warn_of_impact(services: Services, policy: Policy, covered: Iterable[str]) -> Iterator[str]:
    least = policy.min_impact or 0
    spent = _spend(services, covered, least)
    if spent < least:
        yield (
            f"The policy {policy.name} alerts from an impact of {money.exact(least)}, but all its series cost"
            f" {money.exact(spent)} in {DAYS} days: it will hardly ever alert."
        )


def _spend(services: Services, covered: Iterable[str], enough: float) -> int:
    """Add up the cost of series in the last 31 days, in micros, until it is enough."""
    today, spent, left = series.day_of(services.clock()), 0, iter(covered)
    while spent < enough and (some := list(islice(left, STEP))):
        daily = series.daily(services.store, some, today - DAYS, today)
        spent += sum(max(0, micros) for _, rows in daily for _, _, micros in rows)
    return spent


def _warn_of_threshold(services: Services, policy: Policy, covered: Sequence[str]) -> Iterator[str]:
    """Judge an entry with the cost of all series in the last 31 days, in each series."""
    spent = min(_spend(services, covered, money.MAX_MICROS), money.MAX_MICROS)
    if spent and all(verdict.status is Status.NORMAL for verdict in _judge(services, policy, covered, spent)):
        yield (
            f"The policy {policy.name} has a threshold of {policy.threshold:g}, and even an entry of"
            f" {money.exact(spent)}, the cost of all its series in {DAYS} days, does not score above it:"
            " it will hardly ever alert."
        )


def _judge(services: Services, policy: Policy, covered: Sequence[str], amount: int) -> Iterator[Verdict]:
    """Yield the verdict on an entry with this amount, for each series; nothing is written."""
    detector, now = selection.detector_of(services, policy), services.clock()
    windows = dict(zip(covered, series.windows(services.store, covered), strict=True))
    by_partition: dict[Partition, list[str]] = {}
    for series_id in covered:
        by_partition.setdefault(services.store.partition(series_id), []).append(series_id)
    for partition, held in by_partition.items():
        known = series_memory.read(services, partition, [detector.name], held)
        for series_id in held:
            arrival = Arrival(
                seq=NEXT,
                series_id=series_id,
                entry_seq=NEXT,
                timestamp=now,
                amount=amount,
                baseline=windows[series_id].moments,
            )
            verdict, _ = detector.judge(arrival, known.state(detector, arrival))
            yield verdict
