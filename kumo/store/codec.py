"""Converting values to their form in Redis and back. Nothing outside kumo.store knows these forms."""

import base64
import json
import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from kumo.domain import moments
from kumo.domain.anomalies import Anomaly, AnomalyStatus
from kumo.domain.detectors import LETTERS
from kumo.domain.entries import Series
from kumo.domain.evidence import Evidence
from kumo.domain.groups import groups_of_series
from kumo.domain.judging import Arrival, Cause, Mark, Status, Verdict
from kumo.errors import StoredRowError
from kumo.store import rows

# Each entry has one verdict, so its size matters: status, detector, known figures, n, amount, mean,
# stddev, z; then the score if it is not z, the threshold if it is not the usual one, and for an anomaly the
# cause and its id. Up to 64 bytes, a block of them stays in the compact encoding of Redis; all fields without a
# threshold take 63.
_VERDICT: Final = struct.Struct("<ccBHqddd")
_SHORT, _LONG = struct.Struct("<f"), struct.Struct("<d")
_STATUS: Final = {Status.LEARNING: b"l", Status.NORMAL: b"n", Status.ANOMALY: b"a", Status.PENDING: b"p"}
_STATUS_OF: Final = {code: status for status, code in _STATUS.items()}
CAUSES: Final = {
    Cause.THRESHOLD: b"t",
    Cause.DRIFT: b"d",
    Cause.NEW_HIGH: b"h",
    Cause.FIRST_COST: b"f",
    Cause.FIRST_SPEND: b"s",
    Cause.HOUR: b"o",
}
_CAUSE_OF: Final = {code: cause for cause, code in CAUSES.items()}
DETECTOR_OF: Final = {code: detector for detector, code in LETTERS.items()}
_SEQ_BYTES: Final = 5
_NAMED_BYTES: Final = 16 + _SEQ_BYTES
# The known figures. The default threshold is not stored; any other takes eight bytes.
_MEAN, _STDDEV, _Z = 1, 2, 4
_USUAL_THRESHOLD: Final = 3.0
_OWN_THRESHOLD: Final = 8
_SCORED: Final = 16
_SCORE_OF_ITS_OWN: Final = 32
_OF_TOTAL: Final = 64
# The fields of an arrival and its baseline in evidence, in this order.
_ARRIVAL: Final = ("seq", "series_id", "entry_seq", "timestamp", "amount", "mark")
_BASELINE: Final = ("n", "total", "squares")


def pack_verdict(verdict: Verdict) -> bytes:
    """Pack a verdict; one that waits for the total of its period is pending."""
    mean, stddev, z = verdict.mean, verdict.stddev, verdict.z
    known = _MEAN * (mean is not None) | _STDDEV * (stddev is not None) | _Z * (z is not None)
    known |= _OF_TOTAL * verdict.of_total
    threshold = b""
    if verdict.threshold != _USUAL_THRESHOLD:
        known, threshold = known | _OWN_THRESHOLD, _LONG.pack(verdict.threshold)
    score = b""
    if verdict.score is not None:
        known |= _SCORED
        if verdict.score != verdict.z:
            known, score = known | _SCORE_OF_ITS_OWN, _SHORT.pack(verdict.score)
    status, detector = _STATUS[verdict.status], LETTERS[verdict.detector]
    head = _VERDICT.pack(status, detector, known, verdict.n, verdict.amount, mean or 0.0, stddev or 0.0, z or 0.0)
    return head + score + threshold + (_pack_anomaly(verdict) if verdict.status is Status.ANOMALY else b"")


def _pack_anomaly(verdict: Verdict) -> bytes:
    """Write why an entry is an anomaly, and of which episode it is."""
    return CAUSES[verdict.cause or Cause.THRESHOLD] + (_pack_name(verdict.anomaly) if verdict.anomaly else b"")


def _pack_name(anomaly: str) -> bytes:
    """Pack the id of an anomaly in 21 bytes instead of 27: its series and its number."""
    series_id, _, seq = anomaly.partition("-")
    return series_id.encode() + bytes.fromhex(seq)


def _anomaly(packed: bytes) -> str:
    return f"{packed[:-_SEQ_BYTES].decode()}-{packed[-_SEQ_BYTES:].hex()}"


def unpack_verdict(packed: bytes) -> Verdict | None:
    """Unpack a verdict; None if only a newer version knows its status, as if there were none.

    An unknown detector or cause is shown by its letter. Anything that a newer version added at the end is ignored.
    """
    status, detector, known, n, amount, mean, stddev, z = _VERDICT.unpack_from(packed)
    if status not in _STATUS_OF:
        return None
    place, score = _VERDICT.size, z if known & _SCORED else None
    if known & _SCORE_OF_ITS_OWN:
        (score,) = _SHORT.unpack_from(packed, place)
        place += _SHORT.size
    threshold = _USUAL_THRESHOLD
    if known & _OWN_THRESHOLD:
        (threshold,) = _LONG.unpack_from(packed, place)
        place += _LONG.size
    of_anomaly = packed[place:] if status == _STATUS[Status.ANOMALY] else b""
    cause, named = of_anomaly[:1], of_anomaly[1 : 1 + _NAMED_BYTES]
    return Verdict(
        status=_STATUS_OF[status],
        amount=amount,
        n=n,
        mean=mean if known & _MEAN else None,
        stddev=stddev if known & _STDDEV else None,
        z=z if known & _Z else None,
        score=score,
        threshold=threshold,
        detector=DETECTOR_OF.get(detector) or detector.decode("latin-1"),
        cause=(_CAUSE_OF.get(cause) or rows.member(Cause, cause.decode("latin-1"))) if cause else None,
        anomaly=_anomaly(named) if named else None,
        of_total=bool(known & _OF_TOTAL),
    )


def status_of(packed: bytes) -> Status | None:
    """Return the status of a packed verdict; None if only a newer version knows it."""
    return _STATUS_OF.get(packed[:1])


def anomaly_of(packed: bytes) -> str | None:
    """Return the id of the anomaly in a packed verdict."""
    verdict = unpack_verdict(packed)
    return verdict.anomaly if verdict else None


def read_arrival(row_id: bytes, fields: Mapping[bytes, bytes]) -> Arrival:
    """Parse one arrival from the pending stream, as written by record.lua."""
    seq, text, arrived_at = int(row_id.split(b"-")[0]), fields[b"r"], int(fields.get(b"t", 0))
    series_id, entry_seq, timestamp, amount, n, *rest = text.decode().split(" ")
    return Arrival(
        seq=seq,
        series_id=series_id,
        entry_seq=int(entry_seq),
        timestamp=int(timestamp),
        amount=int(amount),
        baseline=moments.join(int(n), list(map(int, rest[: moments.LIMBS]))),
        mark=rows.member(Mark, rest[moments.LIMBS]) if len(rest) > moments.LIMBS else Mark.NONE,
        arrived_at=arrived_at,
        imported=b"i" in fields,
        single=b"s" in fields,
    )


def dump_evidence(evidence: Evidence) -> str:
    """Write evidence as JSON; exact, because Python's integers become text."""
    arrival, baseline = evidence.arrival, evidence.arrival.baseline
    names = ("policy", "detector", "threshold", "min_history", "new_above")
    return json.dumps(
        {name: getattr(evidence, name) for name in names}
        | {"arrival": [getattr(arrival, name) for name in _ARRIVAL]}
        | {"baseline": [baseline.n, str(baseline.total), str(baseline.squares)]}
        | {"state": base64.b64encode(evidence.state).decode()}
    )


def read_evidence(key: str, text: bytes) -> Evidence:
    """Parse evidence; raise `StoredRowError`."""
    values = rows.parse(text, key)
    try:
        baseline = dict(zip(_BASELINE, map(int, values["baseline"]), strict=False))
        values["arrival"] = dict(zip(_ARRIVAL, values["arrival"], strict=False)) | {"baseline": baseline}
        values["state"] = base64.b64decode(values["state"])
    except (KeyError, TypeError, ValueError) as error:
        raise StoredRowError(f"{key} holds no evidence: {error!r}") from None
    return rows.build(Evidence, values, key)


def write_unweighed(arrival: Arrival) -> str:
    """Write an arrival that is judged without a window."""
    return " ".join(
        map(str, (arrival.series_id, arrival.entry_seq, arrival.timestamp, arrival.amount, *[0] * (1 + moments.LIMBS)))
    )


# How many members an identity has before the ids of its groups.
GROUPS: Final = 2


@lru_cache(maxsize=50_000)
def series_json(series: Series) -> str:
    """Write a series' identity: its names as spelled and as compared, and the ids of its groups."""
    groups = [group.id for group in groups_of_series(series)]
    return json.dumps([series.parts, series.key, groups], ensure_ascii=False, separators=(",", ":"))


def describe(series_id: str, series: Series) -> dict[str, str]:
    """Return the fields of an entry's series for a script: id, identity, and "x" if it is never judged."""
    return {"id": series_id, "identity": series_json(series), "mark": "x" if series.charge_category else ""}


def read_series(text: bytes | str) -> Series:
    """Parse a series' identity."""
    (provider, account, region, service, currency, *category), *_ = json.loads(text)
    return Series(
        service=service,
        currency=currency,
        provider=provider,
        account=account,
        region=region,
        charge_category=category[0] if category else "",
    )


def leave_out_groups(identity: str) -> str:
    """Return a series' identity without groups: the totals of these do not have it yet."""
    return json.dumps(json.loads(identity)[:GROUPS], ensure_ascii=False, separators=(",", ":"))


def read_compared_names(text: str) -> list[str]:
    """Return a series' compared names, from its identity."""
    names: list[str] = json.loads(text)[1]
    return names


def read_anomaly(key: str, text: bytes) -> Anomaly:
    """Parse an anomaly; raise `StoredRowError`. What older versions did not store follows from the rest."""
    values = rows.parse(text, key)
    told = values.get("alerts") != 0 and values.get("status") != AnomalyStatus.WITHDRAWN
    return rows.build(Anomaly, {"opened_at": values.get("first_seen"), "told": told} | values, key)
