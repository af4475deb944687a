"""Groups are listed by dimension, with their newest day, however long ago it was."""

from dataclasses import replace

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ACCOUNT_SERVICE, ALL, Group
from kumo.domain.totals.folding import TotalStatus
from kumo.engine import ingest
from kumo.engine.queries.groups import find_group, list_groups
from kumo.engine.queries.views import GroupState, PeriodStatus, Query
from kumo.errors import InvalidQueryError, NotFoundError
from kumo.services import Services
from tests.verdicts import make_period, store_period

TODAY = 20_600
PROD = Group("account", ("prod",), "USD")


@pytest.fixture
def services(services: Services) -> Services:
    services.check_layout()
    return replace(services, clock=lambda: TODAY * DAY_MS)


def record(services: Services, *rows: tuple[Series, int, int]) -> None:
    """Record (series, amount, days before today)."""
    ingest.ingest(services, [Entry(series, amount * 10**6, (TODAY - ago) * DAY_MS) for series, amount, ago in rows])


def ec2(account: str, **changes: str) -> Series:
    return Series(**{"service": "EC2", "currency": "USD", "account": account} | changes)


def names(states: list[GroupState]) -> list[str]:
    return sorted(",".join(state.group.value) for state in states)


@pytest.mark.parametrize("ago", [0, 7, 8, 9, 255, 263, 265, 5_000, TODAY])
def test_the_newest_day_is_found_however_old_it_is(services: Services, ago: int) -> None:
    record(services, (ec2("prod"), 5, ago), (ec2("prod", region="eu"), 6, ago), (ec2("prod"), 1, min(ago + 1, TODAY)))
    record(services, (ec2("other"), 1, 0))
    newest = {state.id: state.newest for state in list_groups(services, "account", Query()).rows}[PROD.id]
    assert newest
    assert (newest.period.number, newest.status) == (TODAY - ago, PeriodStatus.UNJUDGED)
    assert newest.total.micros == (12_000_000 if ago == TODAY else 11_000_000)


def test_a_total_shows_what_is_not_judged_as_a_part(services: Services) -> None:
    record(services, (ec2("prod"), 5, 0), (ec2("prod", charge_category="tax"), 2, 0))
    store_period(services.store, PROD.id, make_period(TODAY, 5_000_000))
    [state] = list_groups(services, "account", Query()).rows
    assert state.newest
    assert (state.newest.total.micros, state.newest.excluded.micros) == (7_000_000, 2_000_000)
    assert (state.newest.total.entries, state.newest.status) == (2, PeriodStatus.NORMAL)


def test_a_group_that_is_judged_waits_for_the_judge(services: Services) -> None:
    record(services, (ec2("prod"), 5, 0), (ec2("test"), 5, 0), (ec2("test", region="eu"), 5, 0))
    services.store.client.hset(services.store.partition(PROD.id).census, PROD.id, "1")
    found = {state.id: state.newest and state.newest.status for state in list_groups(services, "account", Query()).rows}
    assert found == {PROD.id: PeriodStatus.PENDING, Group("account", ("test",), "USD").id: PeriodStatus.UNJUDGED}
    store_period(services.store, PROD.id, make_period(TODAY, 5_000_000, TotalStatus.ANOMALY))
    assert find_group(services, PROD.id, Query()).periods[-1].status is PeriodStatus.ANOMALY


def test_filters_are_parts_of_the_dimension_in_any_spelling(services: Services) -> None:
    record(services, *((ec2(account, service=name), 1, 0) for account in ("a", "b") for name in ("EC2", "S3")))
    record(services, (ec2("a", currency="EUR"), 1, 0))
    assert names([*list_groups(services, ACCOUNT_SERVICE, Query({"account": "A"})).rows]) == ["a,EC2", "a,EC2", "a,S3"]
    euros = Query({"currency": "EUR"})
    assert [names([*list_groups(services, each, euros).rows]) for each in ("account", ALL)] == [["a"], [""]]
    assert names([*list_groups(services, "service", Query({"service": " ec2"})).rows]) == ["EC2", "EC2"]


@pytest.mark.parametrize(
    ("dimension", "query", "field"),
    [
        ("account", Query({"service": "EC2"}), "service"),
        (ALL, Query({"account": "a"}), "account"),
        ("account", Query(tags={"team": "ml"}), "tag.team"),
        ("tag:team", Query(tags={"env": "ml"}), "tag.env"),
    ],
)
def test_a_filter_by_anything_else_is_refused(services: Services, dimension: str, query: Query, field: str) -> None:
    with pytest.raises(InvalidQueryError) as refusal:
        list_groups(services, dimension, query)
    assert [error.field for error in refusal.value.errors] == [field]


def test_a_group_has_the_days_of_its_newest_year(services: Services) -> None:
    record(services, *((ec2("prod"), ago, ago) for ago in (100, 464, 465, 466, 900)))
    assert [state.total.micros // 10**6 for state in find_group(services, PROD.id, Query()).periods] == [465, 464, 100]
    low, high = (TODAY - 900) * DAY_MS, (TODAY - 466) * DAY_MS
    found = find_group(services, PROD.id, Query(low=low, high=high))
    assert [state.total.micros // 10**6 for state in found.periods] == [900, 466]
    found = find_group(services, PROD.id, Query(high=high))
    assert [state.total.micros // 10**6 for state in found.periods] == [466]
    assert found.newest
    assert found.newest.period.number == TODAY - 100


def test_a_group_that_there_is_not_has_no_days(services: Services) -> None:
    record(services, (ec2("prod"), 5, 0))
    for name in ("x", "a" * 16, ec2("prod").id):
        with pytest.raises(NotFoundError, match="There is no group"):
            find_group(services, name, Query())
