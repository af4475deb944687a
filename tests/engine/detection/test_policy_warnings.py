"""A policy that can hardly ever alert is named."""

from dataclasses import replace

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.policies import Combine, Policy
from kumo.engine import ingest
from kumo.engine.detection import policies, policy_warnings
from kumo.services import Services
from tests.conftest import Build
from tests.engine.detection.arrivals import judge_all

UNIT = 10**6
DEAF = (
    "The policy deaf alerts from an impact of 140.000001, but all its series cost 140 in 31 days:"
    " it will hardly ever alert."
)


@pytest.fixture
def services(build: Build) -> Services:
    services = build()
    ingest.ingest(services, [Entry(Series("EC2", "USD"), 70 * UNIT, services.clock()) for _ in range(2)])
    return services


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Policy("fine", min_impact=140 * UNIT), []),
        (Policy("fine", min_impact_percent=900.0), []),
        (Policy("fine", tags={"team": "search"}, min_impact=1), []),
        (
            Policy("deaf", match={"service": "EC2"}, min_impact=140 * UNIT + 1),
            [DEAF],
        ),
        (Policy("lost", match={"service": "RDS"}), ["The policy lost covers no series."]),
    ],
)
def test_what_can_never_be_reached_is_said(services: Services, policy: Policy, said: list[str]) -> None:
    policies.put(services, policy)
    assert list(policy_warnings.find_all_warnings(services)) == said


def test_what_one_of_two_least_impacts_reaches_is_fine(services: Services) -> None:
    either = Policy("either", min_impact=10**12, min_impact_percent=10.0, combine=Combine.OR)
    assert policy_warnings.find_warnings(services, either) == []
    assert len(policy_warnings.find_warnings(services, replace(either, combine=Combine.AND))) == 1


@pytest.mark.parametrize("detector", ["zscore", "adaptive"])
def test_a_threshold_that_nothing_reaches_is_said(build: Build, detector: str) -> None:
    services = build(KUMO_DETECTOR=detector)
    days = services.clock() // DAY_MS - 29
    entries = [Entry(Series("EC2", "USD"), (70 + day % 7) * UNIT, (days + day) * DAY_MS) for day in range(30)]
    ingest.ingest(services, entries)
    judge_all(services)
    assert policy_warnings.find_warnings(services, Policy("usual", threshold=5.0)) == []
    [warning] = policy_warnings.find_warnings(services, Policy("deaf", threshold=1e6))
    assert warning.startswith("The policy deaf has a threshold of 1e+06, and even an entry of 2185, the cost")


def test_of_the_threshold_of_a_series_that_is_too_new_nothing_is_said(services: Services) -> None:
    assert policy_warnings.find_warnings(services, Policy("deaf", threshold=1e6)) == []


def test_however_many_series_there_are_all_are_added_up(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    services = build()
    monkeypatch.setattr(policy_warnings, "STEP", 2)
    now = services.clock()
    ingest.ingest(services, [Entry(Series(f"EC{number}", "USD"), 10 * UNIT, now) for number in range(5)])
    some = Policy("all", match={"service": "EC*"}, min_impact=50 * UNIT, threshold=1e6)
    assert policy_warnings.find_warnings(services, some) == []
    [warning] = policy_warnings.find_warnings(services, Policy("all", min_impact=50 * UNIT + 1))
    assert "cost 50 in 31 days" in warning
    assert policy_warnings.find_warnings(services, Policy("one", match={"service": "ec3"}, min_impact=10 * UNIT)) == []
    [warning] = policy_warnings.find_warnings(
        services, Policy("one", match={"service": "EC3"}, min_impact=10 * UNIT + 1)
    )
    assert "cost 10 in 31 days" in warning


def test_where_there_is_no_policy_nothing_is_said(services: Services) -> None:
    assert list(policy_warnings.find_all_warnings(services)) == []
