"""The detectors, by the name that settings and policies choose: `zscore` is the plain rule, `adaptive` the default.

A new one is a module in this folder that has what `Detector` asks for, and a row in each of the two tables here.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from kumo.domain.detectors.adaptive.detector import Adaptive
from kumo.domain.detectors.protocol import Detector
from kumo.domain.detectors.zscore import ZScore

__all__ = ["DETECTORS", "LETTERS", "Detector", "build"]

# From the threshold and the least history.
DETECTORS: Final[Mapping[str, Callable[[float, int], Detector[Any]]]] = {"zscore": ZScore, "adaptive": Adaptive}
# What stands for it where its verdicts and states are stored; it never changes.
LETTERS: Final[Mapping[str, bytes]] = {"zscore": b"z", "adaptive": b"a"}


# Detectors remember nothing themselves, so one serves all who ask for the same; there are as many as policies at most.
@lru_cache(maxsize=1000)
def build(name: str, threshold: float, min_history: int) -> Detector[Any]:
    """Build a detector by its name."""
    return DETECTORS[name](threshold, min_history)
