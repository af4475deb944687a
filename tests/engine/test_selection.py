"""Policies choose the detector and the limits of alerts; they never change what an anomaly is."""

from collections.abc import Mapping
from itertools import count

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.judging import Status
from kumo.domain.policies import Policy
from kumo.engine import ingest
from kumo.engine.detection import policies
from kumo.engine.queries import lookup
from kumo.engine.queries.views import Cost
from kumo.services import Services
from tests.conftest import Build
from tests.engine.detection.arrivals import everything, judge_all

pytestmark = pytest.mark.settings(KUMO_DETECTOR="zscore")  # whose figures can be worked out by hand

UNIT = 10**6
PLACES = count()
EC2, RDS = Series("EC2", "USD", "AWS", "prod-1"), Series("RDS", "USD", "AWS", "test-1")


def send(services: Services, series: Series, *amounts: int, tags: Mapping[str, str] | None = None) -> None:
    at = services.clock() - DAY_MS
    entries = [Entry(series, amount * UNIT, at + 100 * next(PLACES), tags=tags or {}) for amount in amounts]
    ingest.ingest(services, entries)


def usual(services: Services, *series: Series) -> None:
    for each in series:
        send(services, each, *(100 + number % 5 for number in range(20)))


def newest(services: Services, series: Series) -> Cost:
    return next(row for row in lookup.list_costs(services, everything()).rows if row.entry.series == series)


def kinds(services: Services) -> list[str]:
    return [str(row.kind) for row in lookup.list_alerts(services, everything()).rows]


def test_the_first_policy_that_covers_an_entry_chooses_threshold_and_policy(services: Services) -> None:
    policies.put(services, Policy("strict", 1, {"service": "EC2"}, threshold=30.0))
    policies.put(services, Policy("others", 2, threshold=2.0, detector="adaptive"))
    usual(services, EC2, RDS)
    for series in (EC2, RDS):
        send(services, series, 120)
    judge_all(services)
    first, second = (newest(services, series).verdict for series in (EC2, RDS))
    assert first is not None
    assert second is not None
    assert (first.threshold, first.detector, first.status) == (30.0, "zscore", Status.NORMAL)
    assert (second.threshold, second.detector) == (2.0, "adaptive")


def test_a_policy_may_ask_for_tags(services: Services) -> None:
    policies.put(services, Policy("search", tags={"team": "search"}, threshold=50.0))
    usual(services, EC2)
    send(services, EC2, 120, tags={"team": "search"})
    judge_all(services)
    assert newest(services, EC2).verdict.threshold == 50.0  # type: ignore[union-attr]


def test_an_anomaly_that_is_not_worth_an_alert_is_listed_and_not_sent(services: Services) -> None:
    policies.put(services, Policy("large", min_impact=1000 * UNIT))
    usual(services, EC2)
    send(services, EC2, 500)
    judge_all(services)
    [row] = lookup.list_anomalies(services, everything()).rows
    assert (row.anomaly.alerts, kinds(services)) == (0, [])
    assert newest(services, EC2).status is Status.ANOMALY


def test_an_anomaly_raises_an_alert_once_all_it_cost_is_worth_it(services: Services) -> None:
    policies.put(services, Policy("large", min_impact=700 * UNIT))
    usual(services, EC2)
    send(services, EC2, 500)
    judge_all(services)
    assert kinds(services) == []
    send(services, EC2, 900)
    judge_all(services)
    assert kinds(services) == ["opened"]


@pytest.mark.server  # redis.sha1hex
def test_a_policy_holds_for_what_is_judged_from_then_on(services: Services) -> None:
    usual(services, EC2)
    judge_all(services)
    policies.put(services, Policy("strict", threshold=1000.0))
    send(services, EC2, 500)
    judge_all(services)
    assert newest(services, EC2).status is Status.NORMAL
    policies.remove(services, "strict")
    send(services, EC2, 2000)
    judge_all(services)
    assert newest(services, EC2).status is Status.ANOMALY


def test_what_adaptive_remembers_outlives_the_slice_and_stays_small(build: Build) -> None:
    services = build(KUMO_DETECTOR="adaptive")
    usual(services, EC2, RDS)
    judge_all(services)
    states = [services.store.client.hgetall(partition.states) for partition in services.store.partitions]
    sizes = [len(text) for found in states for text in found.values()]
    assert len(sizes) == 2
    assert max(sizes) <= 2048
