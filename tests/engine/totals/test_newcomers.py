"""First spend on the product: judged, listed and raised, and taken back."""

from dataclasses import replace

import pytest

from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import AnomalyStatus
from kumo.domain.groups import ACCOUNT, Group
from kumo.domain.judging import Cause, Status
from kumo.domain.worth import FleetDay
from kumo.engine import ingest
from kumo.engine.queries import explanation, lookup
from kumo.engine.totals import census
from kumo.services import Services
from kumo.store import fleets
from tests.engine.totals.judging import find_anomalies, find_kinds, judge_all
from tests.engine.totals.spending import UNIT, spend

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="2", KUMO_ALERT_MAX_AGE="3")

TODAY = 20_481
BEFORE = range(TODAY - 14, TODAY)
USUAL = {"service": "db", "account": "prod", "region": "north"}
SOUTH = USUAL | {"region": "south"}


def fill(services: Services) -> Services:
    """Return services with a history of two series, so large that no group of known names notices a new one."""
    known = dict.fromkeys(BEFORE, 1000.0)
    history = [*spend(0, known, **USUAL), *spend(1, known, **SOUTH | {"account": "dev"})]
    now = judge_all(services, history, day=TODAY - 1)
    fleets.replace(now.store, {"USD": FleetDay(day=TODAY - 1, complete_days=14, usual_day=1000 * UNIT, stored=99)})
    return now


def test_a_new_series_that_costs_much_is_an_anomaly_and_raises_one_alert(services: Services) -> None:
    now = fill(services)
    now = judge_all(now, spend(0, {TODAY: 30.0}, **SOUTH), day=TODAY)
    [anomaly] = find_anomalies(now)
    assert (anomaly.cause, anomaly.status, anomaly.excess) == (Cause.FIRST_SPEND, AnomalyStatus.OPEN, 30 * UNIT)
    assert find_kinds(now) == [AlertKind.OPENED]
    found = explanation.explain(now, anomaly.id)
    assert found.explained.words[0] == "New, or back after a long silence: its day has cost more than 20.00 USD."


def test_the_only_entry_of_a_series_that_returns_is_an_anomaly_too(services: Services) -> None:
    now = judge_all(fill(services), spend(0, dict.fromkeys(range(TODAY - 60, TODAY - 40), 30.0), **SOUTH), day=TODAY)
    [recorded] = ingest.ingest(now, spend(0, {TODAY: 30.0}, **SOUTH))
    now = judge_all(now, day=TODAY)
    cost = lookup.find_cost(now, recorded.id)
    assert (cost.status, cost.verdict and cost.verdict.cause) == (Status.ANOMALY, Cause.FIRST_SPEND)
    assert find_kinds(now) == [AlertKind.OPENED]


def test_it_is_found_when_a_running_day_grows_above_the_limit_and_not_again_at_its_next_entry(
    services: Services,
) -> None:
    now = fill(services)
    for number, amount in enumerate([5.0, 5.0, 5.0, 5.0, 5.0, 3.0]):
        [entry] = spend(0, {TODAY: amount}, **SOUTH)
        now = judge_all(now, [replace(entry, external_id=f"call {number}")], day=TODAY)
        assert len(find_kinds(now)) == (number >= 4), number
    [anomaly] = find_anomalies(now)
    assert anomaly.excess == 28 * UNIT


def test_a_restatement_below_the_limit_takes_it_back(services: Services) -> None:
    now = judge_all(fill(services), spend(0, {TODAY: 30.0}, **SOUTH), day=TODAY)
    now = judge_all(now, spend(0, {TODAY: 12.0}, **SOUTH), day=TODAY)
    assert [anomaly.status for anomaly in find_anomalies(now)] == [AnomalyStatus.WITHDRAWN]


def test_the_days_after_the_first_one_are_no_news(services: Services) -> None:
    now = judge_all(fill(services), spend(0, {TODAY: 30.0}, **SOUTH), day=TODAY)
    for day in range(TODAY + 1, TODAY + 6):
        now = judge_all(now, spend(0, {day: 30.0}, **SOUTH), day=day)
    [anomaly] = find_anomalies(now)
    assert (anomaly.periods, anomaly.status) == (1, AnomalyStatus.CLOSED)
    assert find_kinds(now) == [AlertKind.OPENED]


def test_what_a_history_begins_with_is_no_news(services: Services) -> None:
    now = fill(services)
    old = {**dict.fromkeys(range(TODAY - 9, TODAY + 1), 30.0)}
    now = judge_all(now, spend(0, old, **SOUTH), day=TODAY)
    assert find_anomalies(now) == []


@pytest.mark.settings(KUMO_FIRST_SPEND="0")
def test_it_can_be_switched_off(services: Services) -> None:
    now = judge_all(fill(services), spend(0, {TODAY: 90.0}, **SOUTH), day=TODAY)
    assert find_anomalies(now) == []


def test_a_new_account_of_one_series_is_one_anomaly_of_the_account(services: Services) -> None:
    """The groups of a single series have no verdict of their own; this is what judges the account."""
    now = judge_all(fill(services), spend(0, {TODAY: 30.0}, **USUAL | {"account": "rogue"}), day=TODAY)
    [anomaly] = find_anomalies(now)
    assert anomaly.series_id == Group(ACCOUNT, ("rogue",), "USD").id
    assert (anomaly.cause, anomaly.excess) == (Cause.FIRST_SPEND, 30 * UNIT)
    for day in range(TODAY + 1, TODAY + 6):
        now = judge_all(now, spend(0, {day: 30.0}, **USUAL | {"account": "rogue"}), day=day)
    assert [anomaly.status for anomaly in find_anomalies(now)] == [AnomalyStatus.CLOSED]
    assert find_kinds(now) == [AlertKind.OPENED]


def test_a_group_that_returns_is_judged_although_the_census_has_left_it_out(services: Services) -> None:
    old = dict.fromkeys(range(TODAY - 80, TODAY - 60), 30.0)
    now = judge_all(fill(services), spend(0, old, **USUAL | {"account": "rogue"}), day=TODAY)
    census.take(now)
    now = judge_all(now, spend(0, {TODAY: 900.0}, **USUAL | {"account": "rogue"}), day=TODAY)
    assert Group(ACCOUNT, ("rogue",), "USD").id in {anomaly.series_id for anomaly in find_anomalies(now)}


def test_many_new_services_of_a_new_account_are_one_anomaly(services: Services) -> None:
    rogue = USUAL | {"account": "rogue"}
    entries = [each for n in range(8) for each in spend(0, {TODAY: 30.0}, **rogue | {"service": f"new {n}"})]
    now = judge_all(fill(services), entries[:3], day=TODAY)
    now = judge_all(now, entries[3:], day=TODAY)
    assert [anomaly.series_id for anomaly in find_anomalies(now)] == [Group(ACCOUNT, ("rogue",), "USD").id]
    assert set(find_kinds(now)) <= {AlertKind.OPENED, AlertKind.WORSENED}
