"""The detectors, by the name in settings and policies: `zscore` is the plain rule, `adaptive` the default.

To add one, write a module in this folder that implements `Detector`, and add a row to each of the two tables here.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from kumo.domain.detectors.adaptive.detector import Adaptive
from kumo.domain.detectors.protocol import Detector
from kumo.domain.detectors.zscore import ZScore

__all__ = ["DETECTORS", "LETTERS", "Detector", "build"]

# Created from the threshold and the minimum history.
DETECTORS: Final[Mapping[str, Callable[[float, int], Detector[Any]]]] = {"zscore": ZScore, "adaptive": Adaptive}
# The letter of a detector in stored verdicts and states; it never changes.
LETTERS: Final[Mapping[str, bytes]] = {"zscore": b"z", "adaptive": b"a"}


# Detectors are stateless, so one object serves all with the same arguments; there are at most as many as policies.
@lru_cache(maxsize=1000)
def build(name: str, threshold: float, min_history: int) -> Detector[Any]:
    """Build a detector by its name."""
    return DETECTORS[name](threshold, min_history)
