from dataclasses import replace

import pytest

from kumo.domain.alerts import Alert, AlertKind, ImportSummary
from kumo.notify import summaries
from tests.notify.sending import ALERT, change, change_total

FIGURES = "AmazonEC2 12,345.67 USD, expected 345.67 USD (+3,472%)"
BILL = ImportSummary(
    name="2024-09.csv",
    first_day="2024-09-01",
    last_day="2024-09-30",
    services=3,
    entries=90,
    money=(("USD", 10**9),),
    anomalies=0,
)


def test_one_opened_anomaly_has_its_figures() -> None:
    assert summaries.summarize_opened([ALERT]) == f"Anomaly opened: {FIGURES}"


def test_many_are_counted_and_the_largest_is_named() -> None:
    many = [replace(change(impact=n, service=f"S{n}"), id=str(n)) for n in (1, 3, 2)] * 500
    assert summaries.summarize_opened(many).startswith(
        "1,500 anomalies opened, the largest: S3 12,345.67 USD, expected "
    )
    assert summaries.summarize_sent(many, "Slack").startswith(
        "Message sent to Slack about 1,500 alerts, the largest: Cost jumped: S3 "
    )


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        (ALERT, f"Cost jumped: {FIGURES}"),
        (replace(ALERT, kind=AlertKind.WORSENED), f"Getting worse: {FIGURES}"),
        (replace(ALERT, content=change_total()), f"Cost jumped: {FIGURES.replace('AmazonEC2', 'account prod')}"),
        (
            replace(change(amount=346_000_000), kind=AlertKind.WITHDRAWN),
            "Withdrawn: the cost was corrected: AmazonEC2 346.00 USD, expected 345.67 USD",
        ),
        (change(mean=0.0, service=""), "Cost jumped: (no name) 12,345.67 USD, expected 0.00 USD"),
        (Alert("t", AlertKind.TEST), "Test message from Kumo"),
    ],
)
def test_a_message_says_what_it_was_about(alert: Alert, said: str) -> None:
    assert summaries.summarize_sent([alert], "Slack") == f"Message sent to Slack: {said}"


def test_a_message_about_an_import_names_it() -> None:
    assert "2024-09.csv" in summaries.summarize_sent([Alert("i", AlertKind.IMPORTED, BILL)], "Slack")


def test_a_name_is_cut() -> None:
    assert len(summaries.summarize_opened([change(service="x" * 10_000)])) < 200
