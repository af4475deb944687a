"""The alert about an import, and the drivers of a cost."""

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from kumo.domain.alerts import Alert, AlertKind, ImportSummary, OldAnomaly
from kumo.notify.slack.message import compose, compose_short
from tests.fakes.slack_rules import find_fault
from tests.notify.sending import ALERT, change
from tests.notify.slack.test_message import HOSTILE, URL, any_text, shown, texts

SUMMARY = ImportSummary(
    name="year.csv",
    first_day="2025-06-01",
    last_day="2026-05-31",
    services=12,
    entries=365,
    money=(("EUR", 5_000_000), ("USD", 1_234_500_000)),
    anomalies=2,
    largest=(
        OldAnomaly(service="AmazonEC2", account="42", currency="USD", impact=890_000_000, timestamp=1_757_376_000_000),
    ),
)
IMPORTED = Alert(id="import-7-1", kind=AlertKind.IMPORTED, created_at=1_714_564_800_000, content=SUMMARY)


def test_an_import_is_one_message() -> None:
    message = shown(compose([IMPORTED], URL))
    for part in (
        "Bill imported · year.csv",
        "2025-06-01 to 2026-05-31 · 12 services · 5.00 EUR, 1,234.50 USD",
        "2 anomalies in its older days, without an alert for each.",
        "AmazonEC2 · 42 · 2025-09-09 · 890.00 USD above expected",
        "2024-05-01 12:00 UTC",
    ):
        assert part in message


def test_the_fallback_text_says_it_in_one_line() -> None:
    one = replace(SUMMARY, last_day="2025-06-01", services=1, anomalies=0, largest=(), money=(("USD", 1_000_000),))
    assert compose([replace(IMPORTED, content=one)], URL)["text"] == (
        "Bill imported · year.csv · 2025-06-01 · 1 service · 1.00 USD. No anomalies in its older days."
    )


def test_an_import_stands_among_other_alerts() -> None:
    message = shown(compose([ALERT, IMPORTED, replace(ALERT, id="a2")], URL))
    assert "3 cost alerts" in message
    assert "*Bill imported*" in message
    assert "year.csv" in message


def test_a_cost_says_what_drove_it() -> None:
    drove = (("i-0a1b2c", 9_000_000_000), ("vol-1", 2_000_000_000), (HOSTILE, 1), ("fourth", 1))
    message = shown(compose([change(contributors=drove)], URL))
    assert "Driven by i-0a1b2c (9,000.00 USD), vol-1 (2,000.00 USD), &lt;!channel&gt; &amp;" in message
    assert "fourth" not in message
    assert "Driven by" not in shown(compose([ALERT], URL))


largest = st.builds(
    OldAnomaly,
    service=any_text,
    account=any_text,
    currency=any_text,
    impact=st.integers(-(10**18), 10**18),
    timestamp=st.integers(0, 10**12),
)
imports = st.builds(
    ImportSummary,
    name=any_text,
    first_day=any_text,
    last_day=any_text,
    services=st.integers(0, 10**6),
    entries=st.integers(0, 10**6),
    money=st.lists(st.tuples(any_text, st.integers(-(10**18), 10**18)), max_size=9).map(tuple),
    anomalies=st.integers(0, 10**6),
    largest=st.lists(largest, max_size=7).map(tuple),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(imports, min_size=1, max_size=12), st.lists(st.tuples(any_text, st.integers(-(10**18), 10**18))))
def test_whatever_a_bill_is_called_the_message_fits(bills: list[ImportSummary], drove: list[tuple[str, int]]) -> None:
    alerts = [replace(IMPORTED, content=each) for each in bills]
    for some in (alerts, alerts[:1], [change(contributors=tuple(drove))]):
        for payload in (compose(some, URL), compose_short(some, URL)):
            assert find_fault(json.dumps(payload).encode()) == ""
            assert len(str(payload["text"])) < 4000
            assert not any("<!" in text for text in texts(payload))
