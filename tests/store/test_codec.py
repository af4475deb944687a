"""Alerts and verdicts come back as they were written."""

from dataclasses import replace

import pytest

from kumo.domain.alerts import Alert, AlertKind, AlertStatus, Delivery, ImportSummary, SpendChange
from kumo.domain.entries import Series, entry_id
from kumo.domain.judging import Cause, Status, Verdict
from kumo.errors import StoredRowError
from kumo.store import alert_codec, codec
from tests.alerts import SUMMARY

SPEND = SpendChange(
    anomaly="s-1",
    entry="s-2",
    series=Series("EC2", "USD", "aws"),
    timestamp=2,
    arrived_at=3,
    amount=5,
    score=1.5,
    contributors=(("i-1", 5),),
)
DELIVERY = Delivery(
    "elsewhere", AlertStatus.RETRY, attempts=3, due_at=10, last_answer="HTTP 500", repeat=True, unconfirmed=2
)
FIELDS = {
    b"destination": b"elsewhere",
    b"status": b"retry",
    b"attempts": b"3",
    b"created_at": b"7",
    b"due_at": b"10",
    b"sent_at": b"0",
    b"last_answer": b"HTTP 500",
    b"repeat": b"1",
    b"unconfirmed": b"2",
}


@pytest.mark.parametrize(
    ("kind", "content"), [(AlertKind.WORSENED, SPEND), (AlertKind.IMPORTED, SUMMARY), (AlertKind.TEST, None)]
)
def test_an_alert_comes_back_as_it_was_written(kind: AlertKind, content: SpendChange | ImportSummary | None) -> None:
    alert = Alert("a-1", kind, content, 7, DELIVERY)
    assert alert_codec.read_alert("key", {b"body": alert_codec.dump_alert(alert).encode()} | FIELDS) == alert


def test_the_content_of_a_kind_that_is_not_known_is_left_out() -> None:
    body = b'{"id":"a-1","kind":"later","content":{"x":[1]}}'
    alert = alert_codec.read_alert("key", {b"body": body} | FIELDS)
    assert (alert.kind, alert.content, alert.delivery) == ("later", None, DELIVERY)


def test_an_alert_without_the_content_of_its_kind_is_named() -> None:
    with pytest.raises(StoredRowError, match="key: must be an object, not None"):
        alert_codec.read_alert("key", {b"body": b'{"id":"a-1","kind":"opened"}'})


ANOMALOUS = Verdict(
    status=Status.ANOMALY,
    amount=10**18,
    n=1000,
    mean=50.5,
    stddev=0.5,
    z=900.0,
    score=3.5,
    threshold=3.0,
    detector="adaptive",
    cause=Cause.THRESHOLD,
    anomaly=entry_id("7v5xououvxa6n2ru", 2**40 - 1),
)


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize(
    "verdict",
    [ANOMALOUS, replace(ANOMALOUS, threshold=2.5), replace(ANOMALOUS, score=900.0), replace(ANOMALOUS, score=None)],
)
def test_a_verdict_comes_back_with_its_cause(verdict: Verdict, cause: Cause) -> None:
    written = replace(verdict, cause=cause)
    assert codec.unpack_verdict(codec.pack_verdict(written)) == written


def test_a_block_of_verdicts_stays_in_the_compact_encoding_of_redis() -> None:
    assert len(codec.pack_verdict(ANOMALOUS)) == 63


def test_a_cause_that_only_a_newer_version_knows_goes_by_its_letter() -> None:
    packed = codec.pack_verdict(replace(ANOMALOUS, score=900.0))
    found = codec.unpack_verdict(packed[:37] + b"z" + packed[38:])
    assert found is not None
    assert found.cause is not None
    assert found.cause not in set(Cause)
    assert (found.cause.value, found.anomaly) == ("z", ANOMALOUS.anomaly)
