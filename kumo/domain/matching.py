"""Matching known anomalies of a series or group with the episodes that are found in its periods now."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from kumo.domain.anomalies import Anomaly, AnomalyStatus, find_first_period
from kumo.domain.entries import DAY_MS
from kumo.domain.totals.episodes import Episode

NO_EPISODE: Final = -1


def is_gone(anomaly: Anomaly) -> bool:
    """Return whether an anomaly is withdrawn, and not a part of another one."""
    return anomaly.status is AnomalyStatus.WITHDRAWN and not anomaly.part_of


def find_told_day(told: Iterable[Anomaly]) -> int | None:
    """Return the day of the newest message about some anomalies."""
    return max((each.alerted_period for each in told if each.alerted_period is not None), default=None)


def match_episodes(known: Iterable[Anomaly], episodes: Sequence[Episode]) -> dict[int, list[Anomaly]]:
    """Return the anomalies of each episode, by its place; under `NO_EPISODE` those that none continues.

    The first one of a list is the one that began first. An anomaly that overlaps several episodes belongs to the
    earliest. A withdrawn one belongs to an episode that begins with the period that it is named after.
    """
    claims: dict[int, list[Anomaly]] = {}
    for anomaly in known:
        claims.setdefault(_find_episode(anomaly, episodes), []).append(anomaly)
    return {place: sorted(anomalies, key=_rank) for place, anomalies in claims.items()}


def _rank(anomaly: Anomaly) -> tuple[object, ...]:
    began = anomaly.first_seen // DAY_MS
    is_withdrawn = anomaly.status is AnomalyStatus.WITHDRAWN
    return is_withdrawn, min(began, anomaly.first_period or began), not anomaly.told, anomaly.id


def _find_episode(anomaly: Anomaly, episodes: Sequence[Episode]) -> int:
    if is_gone(anomaly):
        own = find_first_period(anomaly.id)
        return next((place for place, episode in enumerate(episodes) if episode.first == own), NO_EPISODE)
    for has in (_has_periods_of, _has_entries_in):
        for place, episode in enumerate(episodes):
            if has(anomaly, episode):
                return place
    return NO_EPISODE


def _has_periods_of(anomaly: Anomaly, episode: Episode) -> bool:
    if anomaly.first_period is None or anomaly.last_period is None:
        return False
    return anomaly.first_period <= episode.last and episode.first <= anomaly.last_period


def _has_entries_in(anomaly: Anomaly, episode: Episode) -> bool:
    """Return whether the days of its entries overlap an episode; what is open has no end yet."""
    if not anomaly.entries:
        return False
    end = math.inf if anomaly.status is AnomalyStatus.OPEN else anomaly.last_seen // DAY_MS
    return anomaly.first_seen // DAY_MS <= (episode.last if episode.closed else math.inf) and episode.first <= end
