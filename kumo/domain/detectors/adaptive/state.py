"""What the detector knows of a series, and how it is packed into bytes."""

import struct
from itertools import compress
from typing import Final, NamedTuple

from kumo.domain.detectors.adaptive.cadence import SLOTS, Cadence
from kumo.domain.detectors.adaptive.drift import Drift, Sum
from kumo.domain.detectors.adaptive.fees import DAYS, Fees
from kumo.domain.detectors.adaptive.level import Run
from kumo.domain.detectors.adaptive.season import Errors, Season
from kumo.domain.detectors.adaptive.tail import Tail

VERSION: Final = 3


class Pardon(NamedTuple):
    """An entry that a person said was planned or a false alarm: its number, its time in ms, its amount in micros."""

    entry_seq: int
    timestamp: int
    amount: int


class Pardons(NamedTuple):
    """The state as it would be if nobody had said anything, and what was said, in order."""

    natural: "State"
    given: tuple[Pardon, ...]


class State(NamedTuple):
    """The state of one series, never changed in place.

    `zeros` is the share of entries without cost, `active` the number of those with, `magnitude` their mean size in
    micros, `scale` the unit of the curve in micros, `level` a place on the curve, `deficit` in micros, `record` the
    largest amount of all, in micros. `pardons` is None where nobody said anything of the series.
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
    pardons: Pardons | None = None


NEW: Final = State()

# Doubles throughout: a state that was packed and one that was not must judge alike, to the last digit.
_HEAD: Final = struct.Struct("<BIqd dIddd ddd dd iBd d dId dId ddd? id d BB")
_GIVEN: Final = struct.Struct("<B")
_PARDON: Final = struct.Struct("<qqq")
_SLOTS, _DAYS = bytes(range(SLOTS)), bytes(range(DAYS))


def pack(state: State) -> bytes:
    """Write a state: about 300 bytes for a daily series, 760 for an hourly one, 1,100 at most.

    With pardons the natural state follows, and at most 16 times 24 bytes.
    """
    season, fees, drift = state.season, state.fees, state.drift
    # Of the slots only those that were visited, of the days only those that cost more: which, and what they have.
    slots = bytes(compress(_SLOTS, season.visits))
    days = bytes(compress(_DAYS, fees.last))
    head = _HEAD.pack(
        *(VERSION, *state.cadence, state.zeros, state.active, state.magnitude, state.scale, state.level),
        *(*state.errors, *state.tail, fees.day, fees.of_month, fees.most, state.deficit),
        *(*drift.up, *drift.down, *drift[2:], *state.run, state.record),
        *(len(slots), len(days)),
    )
    figures = *compress(season.offsets, season.visits), *filter(None, fees.last)
    visits = season.visits.replace(b"\0", b"")
    pardons = _pack_pardons(state.pardons) if state.pardons else b""
    return b"".join((head, slots, visits, days, struct.pack(f"<{len(figures)}d", *figures), pardons))


def _pack_pardons(pardons: Pardons) -> bytes:
    given = b"".join(_PARDON.pack(*pardon) for pardon in pardons.given)
    return _GIVEN.pack(len(pardons.given)) + given + pack(pardons.natural)


def unpack(packed: bytes) -> State:
    """Read a state; nothing, or a version that is not ours, starts afresh."""
    if not packed or packed[0] != VERSION:
        return NEW
    figures = _HEAD.unpack_from(packed)[1:]
    slots, days = figures[-2:]
    tables = packed[_HEAD.size : _HEAD.size + 2 * slots + days]
    doubles = struct.unpack_from(f"<{slots + days}d", packed, _HEAD.size + len(tables))
    season = _season(tables[:slots], tables[slots : 2 * slots], doubles[:slots])
    return State(
        cadence=Cadence(*figures[:3]),
        zeros=figures[3],
        active=figures[4],
        magnitude=figures[5],
        scale=figures[6],
        level=figures[7],
        season=season,
        errors=Errors(*figures[8:11]),
        tail=Tail(*figures[11:13]),
        fees=Fees(_last(tables[2 * slots :], doubles[slots:]), *figures[13:16]),
        deficit=figures[16],
        drift=Drift(Sum(*figures[17:20]), Sum(*figures[20:23]), *figures[23:27]),
        run=Run(*figures[27:29]),
        record=figures[29],
        pardons=_pardons(packed[_HEAD.size + len(tables) + 8 * len(doubles) :]),
    )


def _pardons(packed: bytes) -> Pardons | None:
    """Read what follows a state; nothing where nobody said anything."""
    if not packed:
        return None
    (count,) = _GIVEN.unpack_from(packed)
    end = _GIVEN.size + count * _PARDON.size
    given = tuple(Pardon(*figures) for figures in _PARDON.iter_unpack(packed[_GIVEN.size : end]))
    return Pardons(unpack(packed[end:]), given)


def _season(slots: bytes, seen: bytes, figures: tuple[float, ...]) -> Season:
    offsets, visits = [0.0] * SLOTS, bytearray(SLOTS)
    for slot, count, offset in zip(slots, seen, figures, strict=True):
        offsets[slot], visits[slot] = offset, count
    return Season(tuple(offsets), bytes(visits))


def _last(days: bytes, figures: tuple[float, ...]) -> tuple[float, ...]:
    last = [0.0] * DAYS
    for day, due in zip(days, figures, strict=True):
        last[day] = due
    return tuple(last)
