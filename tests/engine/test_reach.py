"""A policy that can hardly ever alert is named."""

import pytest

from kumo.domain.entries import Entry, Series
from kumo.domain.rules import Rule
from kumo.engine import ingest, policies, reach
from kumo.services import Services
from tests.engine.conftest import Build

UNIT = 10**6
DEAF = (
    "The policy deaf alerts from an impact of 140.000001, but all that it covers cost 140 in 31 days:"
    " it will hardly ever alert."
)


@pytest.fixture
def services(build: Build) -> Services:
    services = build()
    ingest.ingest(services, [Entry(Series("EC2", "USD"), 70 * UNIT, services.clock()) for _ in range(2)])
    return services


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule("fine", min_impact=140 * UNIT), []),
        (Rule("fine", min_impact_percent=900.0), []),
        (Rule("fine", tags={"team": "search"}, min_impact=1), []),
        (
            Rule("deaf", match={"service": "EC2"}, min_impact=140 * UNIT + 1),
            [DEAF],
        ),
        (Rule("lost", match={"service": "RDS"}), ["The policy lost covers no series there is."]),
    ],
)
def test_what_can_never_be_reached_is_said(services: Services, rule: Rule, said: list[str]) -> None:
    policies.put(services, rule)
    assert list(reach.unreachable(services)) == said


def test_where_there_is_no_policy_nothing_is_said(services: Services) -> None:
    assert list(reach.unreachable(services)) == []
