"""Choosing policy and detector of an arrival: the first policy that covers it, or else the settings."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kumo.domain import detectors
from kumo.domain.detectors import Detector
from kumo.domain.entries import Series
from kumo.domain.judging import Arrival
from kumo.domain.parts import Labels
from kumo.domain.policies import SETTINGS, Policy, choose_policy
from kumo.services import Services
from kumo.store import entries, policies, series


@dataclass(frozen=True, slots=True)
class Chosen:
    """A policy and its detector."""

    policy: Policy
    detector: Detector[Any]


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses policy and detector for each arrival of a slice; `detectors` names all possible ones."""

    detectors: Collection[str]
    choose: Callable[[Arrival], Chosen]


def chooser(services: Services, arrivals: Sequence[Arrival]) -> Chooser:
    """Return the chooser for a slice, with the current policies."""
    asked = [kept.policy for kept in policies.list_all(services.store)]
    settings = Chosen(SETTINGS, services.detector)
    if not asked:
        return Chooser([services.detector.name], lambda _: settings)
    known = series.identities(services.store, [arrival.series_id for arrival in arrivals])
    labels = _labels(services, asked, arrivals)
    chosen = {policy.name: Chosen(policy, detector_of(services, policy)) for policy in asked}

    def choose(arrival: Arrival) -> Chosen:
        identity = known.get(arrival.series_id)
        found = choose_policy(asked, identity, labels.get(arrival.entry_seq, {})) if identity else SETTINGS
        return chosen.get(found.name, settings)

    return Chooser({each.detector.name for each in (settings, *chosen.values())}, choose)


def choose_for_series(services: Services, identities: Mapping[str, Series]) -> dict[str, Chosen]:
    """Return policy and detector of the totals of series, by id. The newest entry of a series has its tags."""
    asked = [kept.policy for kept in policies.list_all(services.store)]
    settings = Chosen(SETTINGS, services.detector)
    if not asked:
        return dict.fromkeys(identities, settings)
    chosen = {policy.name: Chosen(policy, detector_of(services, policy)) for policy in asked}
    labels = _newest_labels(services, list(identities)) if any(policy.tags for policy in asked) else {}
    return {
        series_id: chosen.get(choose_policy(asked, identity, labels.get(series_id, {})).name, settings)
        for series_id, identity in identities.items()
    }


def _newest_labels(services: Services, series_ids: Sequence[str]) -> dict[str, Labels]:
    """Return the tag values of the newest entry of each series."""
    newest = series.find_newest(services.store, series_ids)
    return dict(zip(newest, entries.labels(services.store, list(newest.items())), strict=True))


def detector_of(services: Services, policy: Policy) -> Detector[Any]:
    """Return the detector of a policy; that of the settings if the policy's detector is unknown here."""
    chosen = services.settings
    if policy.detector is not None and policy.detector not in detectors.DETECTORS:
        return services.detector
    return detectors.build(policy.detector or chosen.detector, policy.threshold or chosen.threshold, chosen.min_history)


def _labels(services: Services, asked: Sequence[Policy], arrivals: Sequence[Arrival]) -> dict[int, Labels]:
    """Read the tag values of the slice's entries, by number, if a policy needs them."""
    if not any(policy.tags for policy in asked):
        return {}
    found = entries.labels(services.store, [(arrival.series_id, arrival.entry_seq) for arrival in arrivals])
    return {arrival.entry_seq: labels for arrival, labels in zip(arrivals, found, strict=True)}
