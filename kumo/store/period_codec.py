"""Verdicts on totals in their form in Redis: some 25 bytes each, so that a block of 256 days is small."""

import struct
from typing import Final

from kumo.domain.detectors import LETTERS
from kumo.domain.judging import Cause
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.store import rows
from kumo.store.codec import CAUSES, DETECTOR_OF

# Status, detector, cause ("-" without one), and which of the figures below are known.
_HEAD: Final = struct.Struct("<cccB")
_SHORT: Final = struct.Struct("<f")
_STATUS: Final = {
    TotalStatus.LEARNING: b"l",
    TotalStatus.RUNNING: b"r",
    TotalStatus.NORMAL: b"n",
    TotalStatus.ANOMALY: b"a",
}
_STATUS_OF: Final = {code: status for status, code in _STATUS.items()}
_CAUSE: Final = {None: b"-"} | CAUSES
_CAUSE_OF: Final = {code: cause for cause, code in _CAUSE.items()}
_USUAL, _LIMIT, _SCORE, _CHANCE, _THRESHOLD, _HOURS = 1, 2, 4, 8, 16, 32
_USUAL_THRESHOLD: Final = 3.0


def pack_period(period: JudgedPeriod) -> bytes:
    """Pack the verdict on a total, without the number of its period."""
    known, figures = 0, b""
    for flag, figure in ((_SCORE, period.score), (_CHANCE, period.chance)):
        if figure is not None:
            known, figures = known | flag, figures + _SHORT.pack(figure)
    if period.threshold != _USUAL_THRESHOLD:
        known, figures = known | _THRESHOLD, figures + _SHORT.pack(period.threshold)
    amounts = _pack_amount(period.micros)
    for flag, amount in ((_USUAL, period.usual), (_LIMIT, period.limit), (_HOURS, period.hours_excess)):
        if amount is not None:
            known, amounts = known | flag, amounts + _pack_amount(amount)
    return _HEAD.pack(_STATUS[period.status], LETTERS[period.detector], _CAUSE[period.cause], known) + figures + amounts


def unpack_period(number: int, packed: bytes) -> JudgedPeriod | None:
    """Unpack the verdict on the total of a period; None if only a newer version knows its status.

    An unknown detector or cause is shown by its letter. Anything that a newer version added at the end is ignored.
    """
    status, detector, cause, known = _HEAD.unpack_from(packed)
    if status not in _STATUS_OF:
        return None
    place, figures = _HEAD.size, {}
    for flag in (_SCORE, _CHANCE, _THRESHOLD):
        if known & flag:
            (figures[flag],) = _SHORT.unpack_from(packed, place)
            place += _SHORT.size
    amounts = {}
    for flag in (0, _USUAL, _LIMIT, _HOURS):
        if not flag or known & flag:
            end = place + 1 + packed[place]
            amounts[flag], place = int.from_bytes(packed[place + 1 : end], "little", signed=True), end
    return JudgedPeriod(
        number=number,
        micros=amounts[0],
        status=_STATUS_OF[status],
        usual=amounts.get(_USUAL),
        limit=amounts.get(_LIMIT),
        score=figures.get(_SCORE),
        threshold=figures.get(_THRESHOLD, _USUAL_THRESHOLD),
        detector=DETECTOR_OF.get(detector) or detector.decode("latin-1"),
        cause=_CAUSE_OF[cause] if cause in _CAUSE_OF else rows.member(Cause, cause.decode("latin-1")),
        chance=figures.get(_CHANCE),
        hours_excess=amounts.get(_HOURS),
    )


def _pack_amount(micros: int) -> bytes:
    """Write an amount of any size: the number of its bytes, then these."""
    size = (micros.bit_length() + 8) // 8
    return bytes([size]) + micros.to_bytes(size, "little", signed=True)
