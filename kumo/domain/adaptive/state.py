"""What the policy knows of a series, and how it is packed into bytes."""

import struct
from itertools import chain
from typing import Final, NamedTuple

from kumo.domain.adaptive.cadence import SLOTS, Cadence
from kumo.domain.adaptive.drift import Drift, Sum
from kumo.domain.adaptive.fees import DAYS, Fees
from kumo.domain.adaptive.level import Run
from kumo.domain.adaptive.season import Errors, Season
from kumo.domain.adaptive.tail import Tail

VERSION: Final = 2


class State(NamedTuple):
    """The state of one series, never changed in place.

    `zeros` is the share of entries without cost, `active` the number of those with, `magnitude` their mean size in
    micros, `scale` the unit of the curve in micros, `level` a place on the curve, `deficit` in micros, `record` the
    largest amount of all, in micros.
    """

    cadence: Cadence = Cadence()
    zeros: float = 0.0
    active: int = 0
    magnitude: float = 0.0
    scale: float = 0.0
    level: float = 0.0
    season: Season = Season()
    errors: Errors = Errors()
    tail: Tail = Tail()
    fees: Fees = Fees()
    deficit: float = 0.0
    drift: Drift = Drift()
    run: Run = Run()
    record: float = 0.0


NEW: Final = State()

# Doubles throughout: a state that was packed and one that was not must judge alike, to the last digit.
_HEAD: Final = struct.Struct("<BIqd dIddd ddd dd iBd d dId dId ddd? id d BB")
_SLOT: Final = struct.Struct("<BBd")  # slot, visits, offset: only those that were visited
_FEE: Final = struct.Struct("<Bd")  # day, micros: only those that cost more


def pack(state: State) -> bytes:
    """Write a state: about 330 bytes for a daily series, 760 for an hourly one, 1,100 at most."""
    season, fees, drift = state.season, state.fees, state.drift
    slots = [(slot, seen, season.offsets[slot]) for slot, seen in enumerate(season.visits) if seen]
    dues = [(day, due) for day, due in enumerate(fees.last) if due]
    head = _HEAD.pack(
        *(VERSION, *state.cadence, state.zeros, state.active, state.magnitude, state.scale, state.level),
        *(*state.errors, *state.tail, fees.day, fees.of_month, fees.most, state.deficit),
        *(*drift.up, *drift.down, *drift[2:], *state.run, state.record),
        *(len(slots), len(dues)),
    )
    return b"".join(chain((head,), (_SLOT.pack(*slot) for slot in slots), (_FEE.pack(*due) for due in dues)))


def unpack(packed: bytes) -> State:
    """Read a state; nothing, or a version that is not ours, starts afresh."""
    if not packed or packed[0] != VERSION:
        return NEW
    figures = _HEAD.unpack_from(packed)[1:]
    slots, dues = figures[-2:]
    end = _HEAD.size + slots * _SLOT.size
    last = _last(packed[end : end + dues * _FEE.size])
    return State(
        cadence=Cadence(*figures[:3]),
        zeros=figures[3],
        active=figures[4],
        magnitude=figures[5],
        scale=figures[6],
        level=figures[7],
        season=_season(packed[_HEAD.size : end]),
        errors=Errors(*figures[8:11]),
        tail=Tail(*figures[11:13]),
        fees=Fees(last, *figures[13:16]),
        deficit=figures[16],
        drift=Drift(Sum(*figures[17:20]), Sum(*figures[20:23]), *figures[23:27]),
        run=Run(*figures[27:29]),
        record=figures[29],
    )


def _season(packed: bytes) -> Season:
    offsets, visits = [0.0] * SLOTS, bytearray(SLOTS)
    for slot, seen, offset in _SLOT.iter_unpack(packed):
        offsets[slot], visits[slot] = offset, seen
    return Season(tuple(offsets), bytes(visits))


def _last(packed: bytes) -> tuple[float, ...]:
    last = [0.0] * DAYS
    for day, due in _FEE.iter_unpack(packed):
        last[day] = due
    return tuple(last)
