"""An alert about a total in words: what, on which day, how much above the usual, and what else there is to know."""

import json
from dataclasses import replace

import pytest

from kumo.domain.alerts import AlertKind, SpendChange
from kumo.domain.judging import Cause
from kumo.notify.slack.message import compose
from kumo.notify.slack.total_message import compare, describe_limit, describe_others
from tests.fakes.slack_rules import find_fault
from tests.notify.sending import ALERT, TOTAL, change_total
from tests.notify.slack.test_message import URL, shown

OPENED, WORSENED, WITHDRAWN = AlertKind.OPENED, AlertKind.WORSENED, AlertKind.WITHDRAWN
ABOVE = "where 345.67 USD is usual: 12,000.00 USD above (+3,472%)"
SINCE = "; 20,000.00 USD above on 3 days since 2024-04-29"


def say(kind: AlertKind, **figures: object) -> str:
    spend = change_total(**figures)
    assert spend.total is not None
    return compare(kind, spend, spend.total)


@pytest.mark.parametrize(
    ("kind", "figures", "words"),
    [
        (OPENED, {}, f"on 2024-05-01, {ABOVE}"),
        (OPENED, {"is_running": True}, f"on 2024-05-01 (the day is not over), {ABOVE}"),
        (
            WORSENED,
            {"periods": 3, "first_period": 19_842, "excess": 20_000_000_000},
            f"on 2024-05-01, {ABOVE}{SINCE}",
        ),
        (OPENED, {"usual": 0}, "on 2024-05-01, where 0.00 USD is usual: 12,000.00 USD above"),
        (OPENED, {"usual": None, "is_running": True}, "on 2024-05-01 (the day is not over)"),
        (WITHDRAWN, {"usual": None}, "on 2024-05-01 after correction"),
        (WITHDRAWN, {}, "on 2024-05-01 after correction, where 345.67 USD is usual"),
        (WITHDRAWN, {"falls": (("EC2", 5),)}, "on 2024-05-01, where 345.67 USD is usual"),
    ],
)
def test_a_total_is_compared_with_the_usual_of_its_day(kind: AlertKind, figures: dict[str, object], words: str) -> None:
    assert say(kind, **figures) == words


@pytest.mark.parametrize(
    ("figures", "name"),
    [
        ({}, "account prod"),
        ({"scope": {}}, "all costs in USD"),
        ({"scope": {"account": "prod", "service": "AWS EC2"}}, "AWS EC2 in account prod"),
        ({"scope": {"tag:team": "search"}}, "team search"),
        ({"scope": {"tag:team": "search"}, "new_values": ("search", "ads")}, "team search, ads"),
    ],
)
def test_the_message_names_the_scope(figures: dict[str, object], name: str) -> None:
    payload = compose([replace(ALERT, content=change_total(**figures))], URL)
    assert shown(payload).startswith(f"Cost jumped · {name}\n*12,345.67 USD* on 2024-05-01, ")
    assert f"Cost jumped · {name} · 12,345.67 USD on 2024-05-01, " in str(payload["text"])
    assert "Account" not in shown(payload)
    assert "score 9.5 · limit 500.00 USD · <https" in shown(payload)
    assert "UTC" not in shown(payload)


def test_the_total_of_a_series_has_its_names() -> None:
    message = shown(compose([replace(ALERT, content=change_total(group=""))], URL))
    assert message.startswith("Cost jumped · AmazonEC2\n*12,345.67 USD* on 2024-05-01, ")
    assert "Account\n123456789012" in message


def test_first_spend_has_its_own_words() -> None:
    spend = replace(change_total(usual=0, limit=30_000_000), cause=Cause.FIRST_SPEND, score=None)
    message = shown(compose([replace(ALERT, content=spend)], URL))
    assert message.startswith(
        "New spend · account prod\n*12,345.67 USD* on 2024-05-01, where nothing was spent before\n"
        "first spend · limit 30.00 USD · <https"
    )


def test_a_day_that_is_usual_but_for_some_hours_says_so() -> None:
    spend = replace(change_total(group="", is_running=True), cause=Cause.HOUR, impact=30_000_000)
    message = shown(compose([replace(ALERT, content=spend)], URL))
    assert "*12,345.67 USD* on 2024-05-01 (the day is not over), in some hours 30.00 USD more than usual" in message


def test_new_values_and_falls_are_listed() -> None:
    many = tuple(f"team{number}" for number in range(13))
    assert others(change_total(new_values=many)) == (
        "New values: team0, team1, team2, team3, team4, team5, team6, team7, team8, team9 and 3 more"
    )
    moved = change_total(falls=(("AWS EC2 in account old", 9_000_000), ("EC2 <b>", 2_000_000)))
    assert others(moved) == "Offset by AWS EC2 in account old (9.00 USD less), EC2 &lt;b&gt; (2.00 USD less)"
    alert = replace(ALERT, kind=WITHDRAWN, content=moved)
    assert shown(compose([alert], URL)).startswith("Withdrawn: other costs fell · account prod")


def others(spend: SpendChange) -> str:
    assert spend.total is not None
    return describe_others(spend, spend.total)


def test_a_total_without_a_limit_and_a_figure_still_makes_a_message() -> None:
    spend = replace(change_total(limit=None, usual=None), score=None, anomaly="")
    assert describe_limit(spend, replace(TOTAL, limit=None)) == ""
    payload = compose([replace(ALERT, content=spend)], URL)
    assert find_fault(json.dumps(payload).encode()) == ""
