"""An alert about an anomaly in words: what, where, how much above what was expected, and by which figure."""

from dataclasses import replace

import pytest

from kumo.domain.alerts import AlertKind, SpendChange
from kumo.domain.judging import Cause
from kumo.notify.slack.spend_message import (
    MAX_LINK,
    build_card,
    describe,
    describe_evidence,
    describe_in_lines,
    write_address,
)
from tests.notify.sending import SPEND

OPENED, WITHDRAWN = AlertKind.OPENED, AlertKind.WITHDRAWN


@pytest.mark.parametrize(
    ("kind", "spend", "figures"),
    [
        (OPENED, SPEND, "12,345.67 USD where 345.67 USD was expected: 12,000.00 USD above (+3,472%)"),
        (OPENED, replace(SPEND, mean=0.0), "12,345.67 USD where 0.00 USD was expected: 12,000.00 USD above"),
        (
            OPENED,
            replace(SPEND, amount=300_000_000, impact=-45_670_000),
            "300.00 USD where 345.67 USD was expected: 45.67 USD below (-13%)",
        ),
        (
            WITHDRAWN,
            replace(SPEND, amount=300_000_000),
            "300.00 USD after correction, where 345.67 USD was expected",
        ),
    ],
)
def test_the_amount_is_compared_with_what_was_expected(kind: AlertKind, spend: SpendChange, figures: str) -> None:
    assert describe(kind, spend) == f"AmazonEC2 · 123456789012 · aws · us-east-1 · {figures}"
    assert describe_in_lines(kind, spend) == f"AmazonEC2\n123456789012 · aws · us-east-1\n{figures}"


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"score": None}, "z 120.0"),
        ({"score": 120.0, "cause": Cause.THRESHOLD}, "z 120.0"),  # the score of zscore is z
        ({"score": 30.5, "cause": Cause.DRIFT}, "score 30.5 · many costs a little above the usual"),
        ({"score": None, "cause": Cause.FIRST_SPEND}, "first spend"),
    ],
)
def test_the_figure_that_decided_is_the_evidence(figures: dict[str, object], said: str) -> None:
    spend = replace(SPEND, **figures)  # type: ignore[arg-type]  # the table has the types
    assert describe_evidence(spend) == f"{said} · 100 earlier entries"


@pytest.mark.parametrize(
    ("anomaly", "url", "address"),
    [
        ("s-1", "https://kumo.example/", "https://kumo.example/dashboard/?anomaly=s-1"),
        ("a|b<c>", "https://kumo.example", "https://kumo.example/dashboard/?anomaly=a%7Cb%3Cc%3E"),
        ("s-1", "https://a>|b", "https://a&gt;%7Cb/dashboard/?anomaly=s-1"),
        ("s-1", "x" * MAX_LINK, ""),
        ("", "https://kumo.example", ""),
    ],
)
def test_the_address_is_escaped_and_left_out_if_it_is_too_long(anomaly: str, url: str, address: str) -> None:
    assert write_address(replace(SPEND, anomaly=anomaly), url) == address


def test_a_card_names_three_drivers_if_a_bill_has_them() -> None:
    drivers = tuple((f"i-{number}", number * 1_000_000) for number in range(4))
    assert "Driven by i-0 (0.00 USD), i-1 (1.00 USD), i-2 (2.00 USD)'" in str(
        build_card("Cost jumped", OPENED, replace(SPEND, contributors=drivers), "")
    )
    assert "Driven by" not in str(build_card("Cost jumped", OPENED, SPEND, ""))
