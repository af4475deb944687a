"""The policies by name: what a setting may choose from."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kumo.domain.adaptive.policy import Adaptive
from kumo.domain.judging import Policy, ZScore

POLICIES: Final[Mapping[str, Callable[[float, int], Policy[Any]]]] = {"zscore": ZScore, "adaptive": Adaptive}
