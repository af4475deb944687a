"""Choosing what an arrival is judged by: the first rule that covers it, or else the settings."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from kumo.domain import policies
from kumo.domain import rules as domain
from kumo.domain.judging import Policy, Record
from kumo.domain.parts import Labels
from kumo.domain.rules import SETTINGS, Rule
from kumo.services import Services
from kumo.store import entries, rules, series


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule, and the policy that judges under it."""

    rule: Rule
    policy: Policy[Any]


@dataclass(frozen=True, slots=True)
class Chooser:
    """Says for each arrival of a slice what it is judged by; `policies` names all that it may come to."""

    policies: Collection[str]
    choose: Callable[[Record], Chosen]


def chooser(services: Services, records: Sequence[Record]) -> Chooser:
    """Return the chooser for a slice, by the rules as they stand."""
    asked = [kept.rule for kept in rules.listed(services.store)]
    settings = Chosen(SETTINGS, services.policy)
    if not asked:
        return Chooser([services.policy.name], lambda _: settings)
    known = series.identities(services.store, [record.series_id for record in records])
    labels = _labels(services, asked, records)
    chosen = {rule.name: Chosen(rule, policy_of(services, rule)) for rule in asked}

    def choose(record: Record) -> Chosen:
        identity = known.get(record.series_id)
        found = domain.chosen(asked, identity, labels.get(record.entry_seq, {})) if identity else SETTINGS
        return chosen.get(found.name, settings)

    return Chooser({each.policy.name for each in (settings, *chosen.values())}, choose)


def policy_of(services: Services, rule: Rule) -> Policy[Any]:
    """Return the policy that judges under a rule; that of the settings where the rule's is not known here."""
    chosen = services.settings
    if rule.policy is not None and rule.policy not in policies.POLICIES:
        return services.policy
    return policies.built(rule.policy or chosen.policy, rule.threshold or chosen.threshold, chosen.min_history)


def _labels(services: Services, asked: Sequence[Rule], records: Sequence[Record]) -> dict[int, Labels]:
    """Read the values of tags that the slice's entries have, by number, where a rule asks for any."""
    if not any(rule.tags for rule in asked):
        return {}
    found = entries.labels(services.store, [(record.series_id, record.entry_seq) for record in records])
    return {record.entry_seq: labels for record, labels in zip(records, found, strict=True)}
