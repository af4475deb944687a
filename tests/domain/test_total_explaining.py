"""An anomaly of totals in words."""

from dataclasses import replace

import pytest

from kumo.domain.anomalies import Anomaly, AnomalyStatus
from kumo.domain.entries import Series
from kumo.domain.groups import Group
from kumo.domain.judging import Cause
from kumo.domain.subjects import Subject
from kumo.domain.total_explaining import explain_total
from kumo.domain.totals.folding import JudgedPeriod
from kumo.domain.tracking import Rules, track
from kumo.domain.worth import NotSent
from tests.totals import ANOMALOUS

UNIT = 10**6
DAY = 20_000  # 4 October 2024
GROUP = Group("account", ("prod",), "USD")
PERIOD = ANOMALOUS._replace(chance=0.0005)


def anomaly(**changes: object) -> Anomaly:
    rules = Rules(
        thing_id=GROUP.id,
        calm_to_close=3,
        find_reason=lambda _: None,
        is_too_old=lambda _: False,
        group=GROUP,
    )
    [found] = track([], [PERIOD], rules).changed
    return replace(found, **changes)  # type: ignore[arg-type]  # the caller knows the types


def words(period: JudgedPeriod = PERIOD, subject: Subject = GROUP, **changes: object) -> list[str]:
    return list(explain_total(anomaly(**changes), period, subject))


def test_a_day_is_compared_with_the_usual_and_with_the_limit() -> None:
    assert words() == [
        "Account prod cost 400.00 USD on 2024-10-04: 300.00 USD (+300.0%) above the usual 100.00 USD.",
        "Up to 150.00 USD is normal. The score of 12.50 is above the threshold of 3.",
        "With healthy costs such a day happens once in 2,000 days.",
        "An alert was sent.",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cause": Cause.DRIFT}, "The score of 12.50 is above the threshold of 3. No single entry is unusual"),
        ({"micros": 90 * UNIT, "score": 0.5}, "10.00 USD (-10.0%) below the usual 100.00 USD."),
        ({"micros": 90 * UNIT, "score": 0.5}, "The score of 0.50 is not above the threshold of 3."),
        ({"usual": 0}, "on 2024-10-04: 400.00 USD above the usual 0.00 USD."),
        (
            {"cause": Cause.FIRST_SPEND},
            "on 2024-10-04, where nothing was spent before, or not for long.",
        ),
        (
            {"cause": Cause.HOUR, "hours_excess": 30 * UNIT},
            "is usual, but some of its hours cost 30.00 USD more than usual.",
        ),
        ({"usual": None}, "There is too little history to judge it by."),
        ({"chance": 1e-12}, "With healthy costs such a day happens practically never."),
    ],
)
def test_what_is_known_of_a_day_is_said(changes: dict[str, object], sentence: str) -> None:
    assert sentence in " ".join(words(PERIOD._replace(**changes)))


def test_what_is_not_known_is_not_said() -> None:
    said = words(PERIOD._replace(limit=None, chance=None))
    assert said[1:] == ["An alert was sent."]


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        ({"alerts": 3}, "3 alerts were sent."),
        ({"told": False, "not_sent": NotSent.OFFSET}, "because other costs of the same service fell by as much."),
        ({"told": False, "not_sent": NotSent.TOO_OLD}, "because its last day was older than KUMO_ALERT_MAX_AGE when"),
        ({"status": AnomalyStatus.WITHDRAWN}, "It was withdrawn, because no day of it is anomalous any more."),
        ({"status": AnomalyStatus.WITHDRAWN, "part_of": "x"}, "It became a part of the anomaly x."),
    ],
)
def test_it_ends_with_what_was_sent_and_why_not(changes: dict[str, object], last: str) -> None:
    assert last in words(**changes)[-1]


@pytest.mark.parametrize("reason", NotSent)
def test_every_reason_has_words(reason: NotSent) -> None:
    assert f"because {reason}" not in words(told=False, not_sent=reason)[-1]


def test_several_days_are_added_up() -> None:
    said = words(periods=3, last_period=DAY + 4, excess=900 * UNIT)
    assert said[3] == "From 2024-10-04 to 2024-10-08, 3 days were anomalous: 900.00 USD above the usual in all."


def test_a_series_has_its_name() -> None:
    said = words(subject=Series("EC2", "USD", account="prod"))
    assert said[0].startswith("EC2 in account prod cost 400.00 USD on 2024-10-04: ")
