"""The policies by name: what a setting may choose from."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from kumo.domain.adaptive.policy import Adaptive
from kumo.domain.judging import Policy, ZScore

POLICIES: Final[Mapping[str, Callable[[float, int], Policy[Any]]]] = {"zscore": ZScore, "adaptive": Adaptive}


# Policies remember nothing themselves, so one serves all who ask for the same; there are as many as rules at most.
@lru_cache(maxsize=1000)
def built(name: str, threshold: float, min_history: int) -> Policy[Any]:
    """Build a policy by its name."""
    return POLICIES[name](threshold, min_history)
