"""Rules: writing them down, and reading them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kumo.domain.rules import Rule
from kumo.engine import reach
from kumo.errors import ConflictError, NotFoundError, PreconditionError
from kumo.services import Services
from kumo.store import rules
from kumo.store.rules import NOTHING_EXPECTED, Expected, KeptRule, RuleChange

# Each is looked at for each entry in the worst case, so there is an end to them.
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule that was written, its revision, and why it can hardly ever alert, in sentences."""

    rule: Rule
    revision: str
    warnings: Sequence[str]


def put(services: Services, rule: Rule, expected: Expected = NOTHING_EXPECTED) -> WrittenRule:
    """Keep a rule, in place of the one of its name. It holds for what is judged from then on.

    Raises `PreconditionError` where that one is another than expected, `ConflictError` where there are too many.
    """
    change, kept = rules.keep(services.store, rule, MOST, expected)
    if change is RuleChange.FULL:
        raise ConflictError(f"There are {MOST} policies already: remove one first.")
    _refuse_unexpected(change)
    return WrittenRule(*kept, reach.find_doubts(services, rule))


def listed(services: Services) -> Sequence[KeptRule]:
    """Return the rules in the order in which they are asked."""
    return rules.listed(services.store)


def find(services: Services, name: str) -> KeptRule:
    """Return one rule; raises `NotFoundError`."""
    found = rules.find(services.store, name)
    if found is None:
        raise NotFoundError(_unknown(name))
    return found


def remove(services: Services, name: str, expected: Expected = NOTHING_EXPECTED) -> None:
    """Remove a rule; raises `NotFoundError`, and `PreconditionError` where it is another than expected."""
    change = rules.remove(services.store, name, expected)
    if change is RuleChange.MISSING:
        raise NotFoundError(_unknown(name))
    _refuse_unexpected(change)


def _refuse_unexpected(change: RuleChange) -> None:
    if change is RuleChange.UNEXPECTED:
        raise PreconditionError("The policy is not as this request expects: get it again.")


def _unknown(name: str) -> str:
    return f"There is no policy {name[:80]!r}."
