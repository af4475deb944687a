"""Each part of `adaptive`, switched off by one of its constants, to measure its worth."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from kumo.domain.detectors.adaptive import cadence, deficit, drift, fees, learning, level, reading, season, tail

NEVER: Final = 1e9


@dataclass(frozen=True)
class Part:
    """A part, and the constants that take it out."""

    name: str
    module: ModuleType
    off: dict[str, Any]


PARTS: Final = (
    Part("calendar", fees, {"TOLERANCE": 0.0}),
    Part("season", season, {"CHOSEN": -1.0}),
    Part("drift", drift, {"HEIGHT": NEVER}),
    Part("idle entries", reading, {"IDLE_SHARE": 2.0}),
    Part("late cost", deficit, {"MOST": 0.0}),
    Part("tail", tail, {"POINT_GAIN": 0.0, "EXCESS_GAIN": 0.0}),
    Part("rarity a day", cadence, {"MOST_A_DAY": 1.0}),
    Part("shift", level, {"SHORTEST_RUN": NEVER, "LONGEST_RUN": NEVER}),
    Part("drift's limit by height", drift, {"CLIMB_GAIN": 0.0}),
    Part("minimum spread", season, {"FLOOR": 0.005}),
    Part("new highs", reading, {"NEW_HIGH": NEVER}),
    Part("minimum share", reading, {"LEAST_SHARE": 1e-9}),
    Part("clipping of the level", level, {"CLIP": NEVER}),
    Part("first visits in full", season, {"FIRST_VISITS": 0}),
    Part("events are not noise", learning, {"UNREMARKABLE": season.ERROR_CLIP}),
    Part("few entries", tail, {"SMALL": 0.0}),
)


@contextmanager
def without(part: Part) -> Iterator[None]:
    """Take a part out for a while."""
    kept = {name: getattr(part.module, name) for name in part.off}
    for name, value in part.off.items():
        setattr(part.module, name, value)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(part.module, name, value)
