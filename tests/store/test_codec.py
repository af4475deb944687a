"""Alerts come back from their hash as they were written: content by kind, and the delivery beside it."""

import pytest

from kumo.domain.alerts import Alert, AlertKind, AlertStatus, Delivery, ImportSummary, OldAnomaly, SpendChange
from kumo.domain.entries import Series
from kumo.errors import StoredRowError
from kumo.store import codec

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
SUMMARY = ImportSummary(
    name="bill",
    first_day="2026-01-01",
    last_day="2026-01-31",
    services=1,
    entries=2,
    money=(("USD", 5),),
    anomalies=1,
    largest=(OldAnomaly(service="EC2", account="", currency="USD", impact=5, timestamp=9),),
)
DELIVERY = Delivery(
    "elsewhere", AlertStatus.RETRY, attempts=3, due_at=10, last_answer="HTTP 500", repeat=True, doubts=2
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
    b"doubts": b"2",
}


@pytest.mark.parametrize(
    ("kind", "content"), [(AlertKind.WORSENED, SPEND), (AlertKind.IMPORTED, SUMMARY), (AlertKind.TEST, None)]
)
def test_an_alert_comes_back_as_it_was_written(kind: AlertKind, content: SpendChange | ImportSummary | None) -> None:
    alert = Alert("a-1", kind, content, 7, DELIVERY)
    assert codec.read_alert("key", {b"body": codec.dump_alert(alert).encode()} | FIELDS) == alert


def test_the_content_of_a_kind_that_is_not_known_is_left_out() -> None:
    body = b'{"id":"a-1","kind":"later","content":{"x":[1]}}'
    alert = codec.read_alert("key", {b"body": body} | FIELDS)
    assert (alert.kind, alert.content, alert.delivery) == ("later", None, DELIVERY)


def test_an_alert_without_the_content_of_its_kind_is_named() -> None:
    with pytest.raises(StoredRowError, match="key: must be an object, not None"):
        codec.read_alert("key", {b"body": b'{"id":"a-1","kind":"opened"}'})
