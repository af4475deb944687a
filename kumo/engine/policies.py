"""Rules: writing them down, and choosing the policy that an entry is judged by."""

from collections.abc import Sequence
from typing import Final

from kumo.domain.rules import Rule
from kumo.errors import ConflictError, NotFoundError
from kumo.services import Services
from kumo.store import rules

# Each is looked at for each entry in the worst case, so there is an end to them.
MOST: Final = 200


def put(services: Services, rule: Rule) -> Rule:
    """Keep a rule, in place of the one of its name; raises `ConflictError` where there are too many.

    It holds for what is judged from then on.
    """
    if rules.find(services.store, rule.name) is None and rules.count(services.store) >= MOST:
        raise ConflictError(f"There are {MOST} policies already: remove one first.")
    rules.keep(services.store, rule)
    return rule


def listed(services: Services) -> Sequence[Rule]:
    """Return the rules in the order in which they are asked."""
    return rules.listed(services.store)


def find(services: Services, name: str) -> Rule:
    """Return one rule; raises `NotFoundError`."""
    rule = rules.find(services.store, name)
    if rule is None:
        raise NotFoundError(f"There is no policy {name[:80]!r}.")
    return rule


def remove(services: Services, name: str) -> None:
    """Remove a rule; raises `NotFoundError`."""
    if not rules.remove(services.store, name):
        raise NotFoundError(f"There is no policy {name[:80]!r}.")
