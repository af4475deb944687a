"""The chain of a judged thing: its detector's states before some of its periods, so that few are folded again.

At rest every checkpoint has the state after folding all totals before its period, in order of time. The
chain is a cache: without it the same states are folded again.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Any, Final, NamedTuple

from kumo.domain.detectors import Detector
from kumo.domain.totals.periods import Grain

# Checkpoints stand before periods whose numbers are multiples of these, the two newest of each. So a change that lies
# back by at most one span is folded again over at most two. There the state is rounded, to save room: a day's has about
# 180 bytes, an hour's 420. The hours reach back 17 to 34 days, which hour totals do too.
SPANS: Final[Mapping[Grain, tuple[int, ...]]] = {Grain.DAY: (8, 64), Grain.HOUR: (17 * 24,)}
VERSION: Final = 1

_HEAD: Final = struct.Struct("<B8sB")  # version, fingerprint, number of checkpoints
_CHECKPOINT: Final = struct.Struct("<IH")  # the number of the period, the length of the state


class Checkpoint(NamedTuple):
    """A detector's state before a period, by the period's number; packed, because few are needed; may be empty."""

    before: int
    state: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """The checkpoints of a thing at one grain, in order of time."""

    grain: Grain
    checkpoints: tuple[Checkpoint, ...] = ()

    @property
    def frontier(self) -> int:
        """The number of the first period that is not folded; 0 for a thing without a history."""
        return self.checkpoints[-1].before if self.checkpoints else 0

    @property
    def state(self) -> bytes:
        """The detector's state at the frontier, packed; empty for a thing without a history."""
        return self.checkpoints[-1].state if self.checkpoints else b""

    def rewind(self, number: int) -> "Chain":
        """Return the chain before a period: the oldest changed one, or the first running one."""
        kept = takewhile(lambda checkpoint: checkpoint.before <= number, self.checkpoints)
        return Chain(self.grain, tuple(kept))


def choose_boundaries(frontier: int, grain: Grain) -> list[int]:
    """Return before which periods a chain with this frontier has checkpoints beside it, in order of time."""
    chosen: set[int] = set()
    for span in SPANS[grain]:
        newest = frontier - frontier % span
        chosen |= {newest, newest - span}
    return sorted(number for number in chosen if number > 0)


def is_boundary_between(before: int, number: int, grain: Grain) -> bool:
    """Return whether a multiple of a span is after one period and not after another."""
    return any(before // span != number // span for span in SPANS[grain])


@lru_cache(maxsize=64)
def compute_fingerprint(detector: Detector[Any], window: int) -> bytes:
    """Return eight bytes that differ if a detector, its settings or the form of its state does.

    States of another fingerprint are of no use: everything is folded again. `window` counts totals.
    """
    new = detector.pack(detector.unpack(b""))
    told = json.dumps([detector.name, detector.threshold, detector.min_history, window, new.hex()])
    return hashlib.sha256(told.encode()).digest()[:8]


def pack(chain: Chain, fingerprint: bytes) -> bytes:
    """Write a chain: a head of ten bytes, then six bytes and a state for each checkpoint."""
    parts = [_HEAD.pack(VERSION, fingerprint, len(chain.checkpoints))]
    for before, state in chain.checkpoints:
        parts += _CHECKPOINT.pack(before, len(state)), state
    return b"".join(parts)


def unpack(packed: bytes, grain: Grain, fingerprint: bytes) -> Chain:
    """Read a chain; one of another version or fingerprint, or of nothing, is the empty one."""
    if not packed or packed[0] != VERSION:
        return Chain(grain)
    _, found, count = _HEAD.unpack_from(packed)
    if found != fingerprint:
        return Chain(grain)
    checkpoints, place = [], _HEAD.size
    for _ in range(count):
        before, length = _CHECKPOINT.unpack_from(packed, place)
        place += _CHECKPOINT.size
        checkpoints.append(Checkpoint(before, packed[place : place + length]))
        place += length
    return Chain(grain, tuple(checkpoints))
