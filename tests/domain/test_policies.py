"""Which policy covers an entry, and what of it is worth an alert."""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain import policies
from kumo.domain.entries import Series
from kumo.domain.judging import Status, Verdict
from kumo.domain.policies import SETTINGS, Combine, Policy

SERIES = Series("AWS EC2", "USD", "AWS", "prod-eu", "eu-west-1")
MICROS = 10**6


def verdict(amount: int, mean: float) -> Verdict:
    found = dict.fromkeys(Verdict.__dataclass_fields__) | {
        "status": Status.ANOMALY, "amount": amount, "n": 20, "mean": mean, "stddev": 1.0, "z": 9.0, "threshold": 3.0,
        "detector": "zscore",
    }  # fmt: skip
    return Verdict(**found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("match", "tags", "covers"),
    [
        ({}, {}, True),
        ({"service": "AWS EC2"}, {}, True),
        ({"service": "aws ec2"}, {}, True),
        ({"service": " AWS\u200b  EC2"}, {}, True),
        ({"service": "aws*"}, {}, True),
        ({"service": "AWS"}, {}, False),
        ({"service": "AWS*"}, {}, True),
        ({"service": "*EC2"}, {}, True),
        ({"service": "A*2"}, {}, True),
        ({"service": "*"}, {}, True),
        ({"service": "AWS.EC2"}, {}, False),
        ({"service": "AWS EC[2]"}, {}, False),
        ({"account": "prod-*", "region": "eu-west-1", "provider": "AWS", "currency": "USD"}, {}, True),
        ({"account": "prod-*", "region": "us-east-1"}, {}, False),
        ({"account": ""}, {}, False),
        ({}, {"team": "search"}, True),
        ({}, {"team": "s*"}, True),
        ({}, {"team": "*"}, True),
        ({}, {"owner": "*"}, False),
        ({}, {"TEAM": "SEARCH"}, True),
        ({"service": "AWS EC2"}, {"team": "other"}, False),
    ],
)
def test_a_policy_covers_what_has_every_text_it_wants(
    match: dict[str, str], tags: dict[str, str], *, covers: bool
) -> None:
    assert Policy("r", match=match, tags=tags).covers(SERIES, {"team": {"search": 1}}) is covers


@given(st.text("ab*", max_size=7), st.text("abc", max_size=9))
def test_a_star_stands_for_any_text(wanted: str, service: str) -> None:
    pattern = ".*".join(map(re.escape, wanted.split("*")))
    expected = re.fullmatch(pattern, service, re.DOTALL) is not None
    assert Policy("r", match={"service": wanted}).covers(Series(service, "USD"), {}) is expected


def test_many_stars_are_soon_tried() -> None:
    """A regular expression would try to part the text in more ways than there are atoms."""
    hopeless = Policy("r", match={"service": "*a" * 99 + "Z"})
    assert not hopeless.covers(Series("a" * 200, "USD"), {})


def test_the_first_policy_that_covers_holds_and_the_settings_where_none_does() -> None:
    asked = [Policy("b", 2), Policy("a", 2, {"service": "AWS EC2"}), Policy("z", 1, {"service": "other"})]
    asked = policies.in_order(asked)
    assert [policy.name for policy in asked] == ["z", "a", "b"]
    assert policies.choose_policy(asked, SERIES, {}).name == "a"
    assert policies.choose_policy(asked[:1], SERIES, {}) is SETTINGS


@pytest.mark.parametrize(
    ("least", "percent", "combine", "tells"),
    [
        (None, None, Combine.AND, True),
        (None, None, Combine.OR, True),
        (50 * MICROS, None, Combine.AND, True),
        (50 * MICROS + 1, None, Combine.AND, False),
        (None, 50.0, Combine.AND, True),
        (None, 50.1, Combine.AND, False),
        (50 * MICROS, 50.1, Combine.AND, False),
        (50 * MICROS, 50.1, Combine.OR, True),
        (51 * MICROS, 50.1, Combine.OR, False),
    ],
)
def test_what_is_worth_an_alert(least: int | None, percent: float | None, combine: Combine, *, tells: bool) -> None:
    policy = Policy("r", min_impact=least, min_impact_percent=percent, combine=combine)
    assert policy.is_worth_alert(verdict(150 * MICROS, 100.0), 50 * MICROS) is tells


def test_what_came_from_nothing_rose_by_any_percentage() -> None:
    assert Policy("r", min_impact_percent=1e9).is_worth_alert(verdict(MICROS, 0.0), MICROS)


@pytest.mark.parametrize(
    ("parse", "value"),
    [
        *((policies.parse_name, value) for value in ("", "A", "a b", "-a", "a" * 64, "ä", 1, None)),
        *((policies.parse_position, value) for value in (-1, 1_000_001, 1.5, "1", True)),
        *((policies.parse_above_zero, value) for value in (0, -1, "3", True, math.nan, math.inf, 10**400, None, [])),
        *((policies.parse_percent, value) for value in (-0.1, "3", True, Decimal("NaN"))),
        *((policies.parse_least, value) for value in (-1, "-0.01", "x", 1e13, True)),
        *((policies.parse_tags, value) for value in ([], "x", {"a": 1}, {1: "a"}, {str(n): "" for n in range(51)})),
    ],
)
def test_what_is_no_value_of_a_policy_is_refused(parse: Callable[[object], Any], value: object) -> None:
    with pytest.raises(ValueError, match="must"):
        parse(value)
