"""Writing and reading policies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kumo.domain.policies import NOTHING_EXPECTED, Expected, KeptPolicy, Policy
from kumo.engine.detection import policy_warnings
from kumo.errors import ConflictError, NotFoundError, PreconditionError
from kumo.services import Services
from kumo.store import policies
from kumo.store.policies import PolicyChange

# In the worst case each policy is checked for each entry, so their number is limited.
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class WrittenPolicy:
    """A written policy, its revision, and why it can hardly ever alert, in sentences."""

    policy: Policy
    revision: str
    warnings: Sequence[str]


def put(services: Services, policy: Policy, expected: Expected = NOTHING_EXPECTED) -> WrittenPolicy:
    """Store a policy, or replace the one with its name. It applies to entries that are judged from now on.

    Raises `PreconditionError` if the stored one is not as expected, `ConflictError` if there are too many.
    """
    change, kept = policies.save(services.store, policy, MOST, expected)
    if change is PolicyChange.FULL:
        raise ConflictError(f"There are already {MOST} policies: remove one first.")
    _refuse_unexpected(change)
    return WrittenPolicy(kept.policy, kept.revision, policy_warnings.find_warnings(services, policy))


def list_all(services: Services) -> Sequence[KeptPolicy]:
    """Return the policies in the order in which they are checked."""
    return policies.list_all(services.store)


def find(services: Services, name: str) -> KeptPolicy:
    """Return one policy; raise `NotFoundError`."""
    found = policies.find(services.store, name)
    if found is None:
        raise NotFoundError(_unknown(name))
    return found


def remove(services: Services, name: str, expected: Expected = NOTHING_EXPECTED) -> None:
    """Remove a policy; raise `NotFoundError`, or `PreconditionError` if it is not as expected."""
    change = policies.remove(services.store, name, expected)
    if change is PolicyChange.MISSING:
        raise NotFoundError(_unknown(name))
    _refuse_unexpected(change)


def _refuse_unexpected(change: PolicyChange) -> None:
    if change is PolicyChange.UNEXPECTED:
        raise PreconditionError("The policy has changed since it was read: get it again.")


def _unknown(name: str) -> str:
    return f"There is no policy {name[:80]!r}."
