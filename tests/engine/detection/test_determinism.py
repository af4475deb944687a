"""Promise 4: a verdict depends only on earlier arrivals, not on the judge, the time, or the slices."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.anomalies import Anomaly
from kumo.engine.detection import judge
from kumo.engine.queries import lookup
from kumo.engine.queries.views import Cost
from kumo.services import Services
from tests.conftest import Build
from tests.engine.detection.arrivals import Arrival, everything, histories, judge_all, send

pytestmark = pytest.mark.slow

Outcome = tuple[list[Cost], list[Anomaly], list[tuple[str, str]], list[dict[bytes, bytes]]]
DETECTORS = pytest.mark.parametrize("detector", ["zscore", "adaptive"])


def outcome(services: Services) -> Outcome:
    costs = list(lookup.list_costs(services, everything()).rows)
    anomalies = [row.anomaly for row in lookup.list_anomalies(services, everything()).rows]
    alerts = sorted((row.id, row.kind) for row in lookup.list_alerts(services, everything()).rows)
    # What detectors remember is verdicts to come.
    states = [services.store.client.hgetall(partition.states) for partition in services.store.partitions]
    return costs, anomalies, alerts, states


def in_slices_of(size: int) -> Callable[[Services], None]:
    def run(services: Services) -> None:
        for partition in services.store.partitions:
            while judge.judge_slice(services, partition, size):
                pass

    return run


def by_three_at_once(services: Services) -> None:
    def work(_: int) -> None:
        for _ in range(60):
            for partition in services.store.partitions:
                judge.judge_slice(services, partition, 3)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    judge_all(services)


@DETECTORS
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, size=st.integers(1, 7))
def test_slicing_and_workers_change_no_verdict(build: Build, detector: str, history: list[Arrival], size: int) -> None:
    found: list[Outcome] = []
    for run in (judge_all, in_slices_of(size), by_three_at_once):
        services = build(KUMO_WINDOW="12", KUMO_PARTITIONS="2", KUMO_DETECTOR=detector)
        services.store.client.flushall()
        send(services, history)
        run(services)
        found.append(outcome(services))
    assert found[1] == found[0]
    assert found[2] == found[0]


@DETECTORS
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, stops=st.sets(st.integers(0, 60)))
def test_judging_while_entries_arrive_gives_the_same_as_after(
    build: Build, detector: str, history: list[Arrival], stops: set[int]
) -> None:
    services = build(KUMO_WINDOW="12", KUMO_PARTITIONS="2", KUMO_DETECTOR=detector)
    services.store.client.flushall()
    send(services, history)
    judge_all(services)
    at_the_end = outcome(services)
    services.store.client.flushall()
    for number, arrival in enumerate(history):
        send(services, [arrival])
        if number in stops:
            judge_all(services)
    judge_all(services)
    # An unsent alert is cancelled if its anomaly is withdrawn, so the ids of alerts agree as well.
    assert outcome(services) == at_the_end
