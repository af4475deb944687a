"""The detector's state of a series, and how it is packed into bytes."""

import struct
from collections.abc import Mapping
from itertools import compress
from operator import attrgetter
from typing import Any, Final, NamedTuple

from kumo.domain.detectors.adaptive.cadence import SLOTS, Cadence, make_cadence
from kumo.domain.detectors.adaptive.drift import Drift, Sum, make_drift, make_sum
from kumo.domain.detectors.adaptive.fees import DAYS, Fees, make_fees
from kumo.domain.detectors.adaptive.level import Run, make_run
from kumo.domain.detectors.adaptive.season import Errors, Season, make_errors
from kumo.domain.detectors.adaptive.tail import Tail, make_tail
from kumo.domain.maker import maker

VERSION: Final = 3


class Pardon(NamedTuple):
    """An entry that feedback called planned or a false alarm: its number, its time in ms, its amount in micros."""

    entry_seq: int
    timestamp: int
    amount: int


class Pardons(NamedTuple):
    """The state as if there had been no feedback, and the feedback in order."""

    natural: "State"
    given: tuple[Pardon, ...]


class State(NamedTuple):
    """The state of one series, never changed in place.

    `zeros` is the share of entries without cost, `active` the number of those with cost, `magnitude` their mean size in
    micros, `scale` the unit of the curve in micros, `level` a place on the curve, `deficit` in micros, `largest` the
    largest amount so far, in micros. `pardons` is None without feedback.
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
    largest: float = 0.0
    pardons: Pardons | None = None


make_state: Final = maker(State)
NEW: Final = State()

# The figures in the order in which they are packed, each by its name in the state, with its format of `struct`.
# Doubles throughout: a state that was packed and one that was not must judge alike, to the last digit.
_FIGURES: Final[Mapping[str, str]] = {
    "cadence.entries": "I",
    "cadence.newest": "q",
    "cadence.gap": "d",
    "zeros": "d",
    "active": "I",
    "magnitude": "d",
    "scale": "d",
    "level": "d",
    "errors.level": "d",
    "errors.weekday": "d",
    "errors.hour": "d",
    "tail.point": "d",
    "tail.excess": "d",
    "fees.day": "i",
    "fees.of_month": "B",
    "fees.most": "d",
    "deficit": "d",
    "drift.up.height": "d",
    "drift.up.entries": "I",
    "drift.up.residuals": "d",
    "drift.down.height": "d",
    "drift.down.entries": "I",
    "drift.down.residuals": "d",
    "drift.anchor": "d",
    "drift.climb": "d",
    "drift.peak": "d",
    "drift.over": "?",
    "run.length": "i",
    "run.residuals": "d",
    "largest": "d",
}
_read_figures: Final = attrgetter(*_FIGURES)


class _Layout(NamedTuple):
    """How a state is packed: its first byte, the head, and the format of each further number with its size.

    The version comes first in the head, and last how many slots and days follow.
    """

    version: int
    head: struct.Struct
    number: str
    size: int


def _lay_out(version: int, number: str) -> _Layout:
    formats = "".join(_FIGURES.values()).replace("d", number)
    return _Layout(version, struct.Struct(f"<B{formats}BB"), number, struct.calcsize(number))


_EXACT: Final = _lay_out(VERSION, "d")
_ROUNDED: Final = _lay_out(VERSION | 0x80, "f")
_LAYOUTS: Final = {layout.version: layout for layout in (_EXACT, _ROUNDED)}
_GIVEN: Final = struct.Struct("<B")
_PARDON: Final = struct.Struct("<qqq")
_SLOTS, _DAYS = bytes(range(SLOTS)), bytes(range(DAYS))


def pack_rounded(state: State) -> bytes:
    """Pack a state without pardons in about half the room: its numbers are rounded to single precision."""
    return pack(state, _ROUNDED)


def pack(state: State, layout: _Layout = _EXACT) -> bytes:
    """Pack a state: about 300 bytes for a daily series, 760 for an hourly one, at most 1,100.

    With pardons, the state without feedback follows, and at most 16 times 24 bytes.
    """
    season, last = state.season, state.fees.last
    # Only visited slots and only days with an excess: which ones, and their values.
    slots = bytes(compress(_SLOTS, season.visits))
    days = bytes(compress(_DAYS, last))
    head = layout.head.pack(layout.version, *_read_figures(state), len(slots), len(days))
    numbers = *compress(season.offsets, season.visits), *filter(None, last)
    visits = season.visits.replace(b"\0", b"")
    pardons = _pack_pardons(state.pardons) if state.pardons else b""
    return b"".join((head, slots, visits, days, struct.pack(f"<{len(numbers)}{layout.number}", *numbers), pardons))


def _pack_pardons(pardons: Pardons) -> bytes:
    given = b"".join(_PARDON.pack(*pardon) for pardon in pardons.given)
    return _GIVEN.pack(len(pardons.given)) + given + pack(pardons.natural)


def unpack(packed: bytes) -> State:
    """Unpack a state; empty bytes or another version give a new one."""
    layout = _LAYOUTS.get(packed[0]) if packed else None
    if layout is None:
        return NEW
    _, *values, slots, days = layout.head.unpack_from(packed)
    tables = packed[layout.head.size : layout.head.size + 2 * slots + days]
    start = layout.head.size + len(tables)
    numbers = struct.unpack_from(f"<{slots + days}{layout.number}", packed, start)
    return _build(
        dict(zip(_FIGURES, values, strict=True)),
        season=_season(tables[:slots], tables[slots : 2 * slots], numbers[:slots]),
        last=_last(tables[2 * slots :], numbers[slots:]),
        pardons=_pardons(packed[start + layout.size * len(numbers) :]),
    )


def _build(figures: Mapping[str, Any], *, season: Season, last: tuple[float, ...], pardons: Pardons | None) -> State:
    f = figures
    return make_state(
        cadence=make_cadence(entries=f["cadence.entries"], newest=f["cadence.newest"], gap=f["cadence.gap"]),
        zeros=f["zeros"],
        active=f["active"],
        magnitude=f["magnitude"],
        scale=f["scale"],
        level=f["level"],
        season=season,
        errors=make_errors(level=f["errors.level"], weekday=f["errors.weekday"], hour=f["errors.hour"]),
        tail=make_tail(point=f["tail.point"], excess=f["tail.excess"]),
        fees=make_fees(last=last, day=f["fees.day"], of_month=f["fees.of_month"], most=f["fees.most"]),
        deficit=f["deficit"],
        drift=make_drift(
            up=_sum(f, "drift.up"),
            down=_sum(f, "drift.down"),
            anchor=f["drift.anchor"],
            climb=f["drift.climb"],
            peak=f["drift.peak"],
            over=f["drift.over"],
        ),
        run=make_run(length=f["run.length"], residuals=f["run.residuals"]),
        largest=f["largest"],
        pardons=pardons,
    )


def _sum(figures: Mapping[str, Any], name: str) -> Sum:
    return make_sum(
        height=figures[f"{name}.height"], entries=figures[f"{name}.entries"], residuals=figures[f"{name}.residuals"]
    )


def _pardons(packed: bytes) -> Pardons | None:
    """Unpack what follows a state; None without feedback."""
    if not packed:
        return None
    (count,) = _GIVEN.unpack_from(packed)
    end = _GIVEN.size + count * _PARDON.size
    given = tuple(
        Pardon(entry_seq=entry_seq, timestamp=timestamp, amount=amount)
        for entry_seq, timestamp, amount in _PARDON.iter_unpack(packed[_GIVEN.size : end])
    )
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
