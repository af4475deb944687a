"""One increase is one anomaly, whether entries, totals or both show it."""

from dataclasses import replace

import pytest

from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import Anomaly, AnomalyStatus, Earlier, step
from kumo.domain.entries import DAY_MS
from tests.domain.test_anomalies import NORMAL, arrival, flagged
from tests.domain.totals.things import FIRST
from tests.domain.totals.tracked import LONG, UNIT, after_usual_days, restate


def entry_born(day: int, units: int = 300, last: int | None = None) -> Anomaly:
    """Return an anomaly that an entry opened."""
    at = (FIRST + LONG + day) * DAY_MS
    found = step(None, replace(arrival(1), timestamp=at), flagged(units)).current
    assert found is not None
    end = at if last is None else (FIRST + LONG + last) * DAY_MS
    return replace(found, last_seen=end)


def test_a_total_becomes_a_part_of_the_anomaly_that_its_entry_opened() -> None:
    tracked, opened = after_usual_days(), entry_born(0)
    tracked.anomalies[opened.id] = opened
    restate(tracked, 0, 350.0)
    (one,) = tracked.anomalies.values()
    assert (one.id, one.entries, one.periods, tracked.alerts) == (opened.id, 1, 1, [])
    assert one.impact == one.excess == pytest.approx(250 * UNIT, rel=0.05)
    restate(tracked, 0, 900.0)
    assert tracked.told() == [(opened.id, "worsened")]
    restate(tracked, 0, 100.0)
    (one,) = tracked.anomalies.values()
    assert (one.status, one.entries, one.periods, one.impact) == (AnomalyStatus.OPEN, 1, 0, 250 * UNIT)


def test_after_an_alert_about_an_entry_later_days_are_compared_with_its_whole_day() -> None:
    tracked, opened = after_usual_days(), entry_born(0, units=70)  # 20 above the 50 of its kind
    tracked.anomalies[opened.id] = opened
    for day, units in ((0, 170.0), (0, 200.0), (1, 250.0)):
        restate(tracked, day, units)
    assert (tracked.told(), tracked.anomalies[opened.id].periods) == ([], 2)
    restate(tracked, 1, 320.0)
    assert tracked.told() == [(opened.id, "worsened")]


def test_several_anomalies_of_entries_on_one_day_become_one() -> None:
    tracked = after_usual_days()
    first, second = (replace(entry_born(0), id=each, status=AnomalyStatus.CLOSED) for each in ("first", "second"))
    tracked.anomalies |= {each.id: each for each in (second, first)}
    restate(tracked, 0, 450.0)
    assert tracked.anomalies["first"].periods == 1
    assert (tracked.anomalies["second"].part_of, tracked.anomalies["second"].entries) == ("first", 1)
    restate(tracked, 0, 100.0)
    assert (tracked.anomalies["second"].part_of, tracked.anomalies["second"].status) == ("", AnomalyStatus.CLOSED)
    assert tracked.alerts == []


def test_what_was_sent_about_a_part_is_corrected_also_if_its_entry_went_first() -> None:
    tracked, opened = after_usual_days(), entry_born(0)
    tracked.anomalies |= {
        "first": replace(opened, id="first", first_seen=opened.first_seen - DAY_MS, alerts=0, told=False),
        "part": replace(opened, id="part"),
    }
    restate(tracked, 0, 450.0)
    part = tracked.anomalies["part"]
    assert part.part_of == "first"
    gone = step(None, replace(arrival(2, 1), timestamp=opened.opened_at), NORMAL, Earlier(flagged(300), part))
    assert (gone.alert, gone.changed and gone.changed.told) == (None, True)
    first = replace(tracked.anomalies["first"], entries=0, total_impact=0)
    tracked.anomalies |= {"first": first} | ({"part": gone.changed} if gone.changed else {})
    restate(tracked, 0, 100.0)
    assert tracked.told() == [("part", "withdrawn")]


def test_entries_join_an_open_anomaly_of_periods_in_silence_and_do_not_close_it() -> None:
    tracked = after_usual_days(200.0)
    (spike,) = tracked.anomalies.values()
    at = (FIRST + LONG + 1) * DAY_MS
    found = step(spike, replace(arrival(5), timestamp=at), flagged(140))
    assert found.alert is None
    assert found.current is not None
    assert found.verdict is not None
    assert (found.verdict.anomaly, found.current.entries, found.current.first_seen) == (spike.id, 1, at)
    assert step(found.current, replace(arrival(6), timestamp=at), flagged(300)).alert is AlertKind.WORSENED
    for seq in (7, 8, 9):
        assert step(found.current, arrival(seq), NORMAL).current is found.current


def test_an_anomaly_of_periods_of_which_an_entry_is_restated_remains() -> None:
    tracked, opened = after_usual_days(), entry_born(0)
    tracked.anomalies[opened.id] = opened
    restate(tracked, 0, 350.0)
    (one,) = tracked.anomalies.values()
    verdict = replace(flagged(300), anomaly=one.id)
    found = step(one, arrival(9, 1), NORMAL, Earlier(verdict, one))
    assert found.alert is None
    assert found.current is not None
    assert (found.current.entries, found.current.status) == (0, AnomalyStatus.OPEN)
