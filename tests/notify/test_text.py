"""The words that messages share: titles, what an alert is about, and money."""

from dataclasses import replace

import pytest

from kumo.domain.alerts import Alert, AlertKind, SpendChange
from kumo.domain.judging import Cause
from kumo.notify.text import choose_title, name_spend, write_money
from tests.notify.sending import ALERT, SPEND, change_total

NEW = replace(change_total(), cause=Cause.FIRST_SPEND)


@pytest.mark.parametrize(
    ("kind", "spend", "title"),
    [
        (AlertKind.OPENED, SPEND, "Cost jumped"),
        (AlertKind.OPENED, change_total(), "Cost jumped"),
        (AlertKind.OPENED, NEW, "New spend"),
        (AlertKind.WORSENED, NEW, "Getting worse"),
        (AlertKind.WITHDRAWN, change_total(), "Withdrawn: the cost was corrected"),
        (AlertKind.WITHDRAWN, change_total(falls=(("EC2", 5),)), "Withdrawn: other costs fell"),
        (AlertKind.OPENED, change_total(falls=(("EC2", 5),)), "Cost jumped"),
    ],
)
def test_the_title_says_why_there_is_a_message(kind: AlertKind, spend: SpendChange, title: str) -> None:
    assert choose_title(replace(ALERT, kind=kind, content=spend)) == title


def test_a_test_message_has_a_title() -> None:
    assert choose_title(Alert(id="t1", kind=AlertKind.TEST)) == "Test message from Kumo"


@pytest.mark.parametrize(
    ("spend", "name"),
    [
        (SPEND, "AmazonEC2"),
        (change_total(group=""), "AmazonEC2"),
        (change_total(), "account prod"),
        (change_total(scope={"tag:team": "ml"}, new_values=("ml", "ads")), "team ml, ads"),
    ],
)
def test_an_alert_is_about_a_service_or_a_group(spend: SpendChange, name: str) -> None:
    assert name_spend(spend) == name


@pytest.mark.parametrize(
    ("micros", "currency", "text"),
    [
        (1_234_567_890, "USD", "1,234.57 USD"),
        (-5_000_000, "EUR", "-5.00 EUR"),
        (1_860, "USD", "0.00186 USD"),
        (0, "U*S<D", "0.00 USD"),
        (10_000, "", "0.01"),
    ],
)
def test_money_has_two_decimals_unless_it_is_less_than_a_cent(micros: int, currency: str, text: str) -> None:
    assert write_money(micros, currency) == text
