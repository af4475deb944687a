"""Sums by day: whichever totals they are read from, they are those of the entries."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ACCOUNT_SERVICE, ALL
from kumo.engine import ingest, sweep
from kumo.engine.imports import lifecycle
from kumo.engine.ops import verification
from kumo.engine.queries import daily_sums
from kumo.engine.queries.daily_sums import find_dimension
from kumo.engine.queries.views import DailyTotal
from kumo.services import Services
from kumo.store import codec, groups, keys, sharing
from tests.conftest import Build
from tests.engine.imports import bills
from tests.groups import strip_groups

FIRST, LAST = date(2025, 6, 1), date(2025, 6, 30)
START = (FIRST.toordinal() - date(1970, 1, 1).toordinal()) * DAY_MS
NAMES = ("account", "service", "provider", "region")
HERE = [
    Series(service, currency, provider="aws", account=account, region=region)
    for service, account, region in product(("EC2", "ec2 ", "S3"), ("prod", "test", ""), ("eu", "us"))
    for currency in ("USD", "EUR")
]
HERE += [replace(HERE[0], charge_category="tax"), replace(HERE[3], charge_category="credit")]
QUESTIONS: list[tuple[str, dict[str, str]]] = [
    *((by, {}) for by in (*NAMES, ACCOUNT_SERVICE, "none")),
    ("none", {"account": "PROD"}),
    ("none", {"account": "prod", "service": "ec2"}),
    ("service", {"account": "test", "currency": "EUR"}),
    ("account", {"service": "S3"}),
    (ACCOUNT_SERVICE, {"account": ""}),
    ("region", {"region": "eu"}),
    ("region", {"account": "prod"}),
    ("service", {"service": "none such"}),
]

entries = st.builds(
    lambda series, amount, day, name: Entry(
        HERE[series], amount, START + day * DAY_MS + 1, external_id="" if name is None else f"id {name}"
    ),
    series=st.integers(0, len(HERE) - 1),
    amount=st.sampled_from([1, -1, 0, 500_000_000, 10**18, -(10**18), 999_999_999, 10**15 + 1]),
    day=st.integers(0, 3),
    name=st.none(),
)


def ask(services: Services, by: str, filters: Mapping[str, str]) -> list[DailyTotal]:
    return daily_sums.sum_days(services, by, filters, FIRST, LAST)


def ask_series(services: Services, by: str, filters: Mapping[str, str]) -> list[DailyTotal]:
    """Ask the same of the totals of series, as if those of groups were not complete."""
    services.store.client.hdel(keys.LAYOUT, keys.SHARED)
    try:
        return ask(services, by, filters)
    finally:
        services.store.client.hset(keys.LAYOUT, keys.SHARED, 1)


def check(services: Services) -> None:
    for by, filters in QUESTIONS:
        assert ask(services, by, filters) == ask_series(services, by, filters), (by, filters)
    assert list(verification.differences(services)) == []


@pytest.fixture
def services(build: Build) -> Services:
    built = build(KUMO_PARTITIONS="4")
    built.check_layout()
    return built


@given(history=st.lists(st.lists(entries, min_size=1, max_size=20), max_size=4))
# The store is emptied before each history.
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_groups_and_series_give_the_same_sums(build: Build, history: list[list[Entry]]) -> None:
    services = build(KUMO_PARTITIONS="4")
    services.store.client.flushall()
    services.check_layout()
    for batch in history:
        ingest.ingest(services, batch)
    check(services)


def test_a_restated_a_replaced_and_a_forgotten_cost_count_once(services: Services) -> None:
    first = Entry(HERE[0], 5_000_000, START, external_id="a")
    ingest.ingest(services, [first, Entry(HERE[1], 7_000_000, START)])
    ingest.ingest(services, [replace(first, amount=-3_000_000)])
    check(services)
    bill = bills.simple([(0, "EC2", 10), (1, "EC2", 20), (0, "S3", 1)])
    lifecycle.run(services, io.BytesIO(bill), "bill.csv", bills.USD)
    check(services)
    row = lifecycle.run(services, io.BytesIO(bills.simple([(0, "EC2", 12)])), "bill.csv", bills.USD)
    check(services)
    lifecycle.forget(services, row.id)
    check(services)
    assert [(row.amount, row.entries) for row in ask(services, "none", {"currency": "USD"})] == [
        (-3_000_000, 1),
        (20_000_000, 1),  # a later bill replaces only the days that it has
    ]


def test_a_store_without_groups_gets_them_by_itself_while_costs_come_in(services: Services) -> None:
    ingest.ingest(services, [Entry(one, 1_000_000, START) for one in HERE])
    strip_groups(services.store)
    before = ask(services, "none", {})
    ingest.ingest(services, [Entry(HERE[0], 1_000_000, START), Entry(Series("new", "USD"), 1_000_000, START)])
    assert not sharing.share(services.store, 10, START // DAY_MS)
    ingest.ingest(services, [Entry(one, 1_000_000, START + DAY_MS) for one in HERE])
    assert not groups.are_complete(services.store)
    assert ask(services, "none", {})[0].entries == before[0].entries
    sweep.sweep(services)
    assert groups.are_complete(services.store)
    check(services)


def test_the_first_spelling_by_code_points_names_a_group(services: Services) -> None:
    for region, service in enumerate(("ec2", "EC2", "Ec2")):
        ingest.ingest(services, [Entry(Series(service, "USD", region=str(region)), 1, START)])
    assert [(row.key, row.entries) for row in ask(services, "service", {})] == [("EC2", 3)]


def test_a_pair_has_both_names(services: Services) -> None:
    ingest.ingest(services, [Entry(Series("S3, cold", "USD", account="prod"), 1_500_000, START)])
    [row] = ask(services, ACCOUNT_SERVICE, {})
    assert (row.key, row.names) == ("prod,S3, cold", {"account": "prod", "service": "S3, cold"})


def test_verify_names_a_group_whose_total_is_wrong(services: Services) -> None:
    ingest.ingest(services, [Entry(HERE[0], 1_000_000, START)])
    [value] = groups.list_values(services.store, "account")
    for partition in services.store.partitions:
        for key in services.store.client.scan_iter(f"{partition.shares}{value.id}:*"):
            [field] = services.store.client.hkeys(key)
            services.store.client.hset(key, field, "1 0 999999")
    assert list(verification.differences(services)) == [
        "group account 'prod' in USD: 2025-06-01 holds (1, 999999), its series give (1, 1000000)"
    ]


@pytest.mark.parametrize(
    ("by", "filters", "dimension"),
    [
        ("none", {}, ALL),
        ("none", {"currency": "USD"}, ALL),
        ("service", {}, "service"),
        ("none", {"region": "eu"}, "region"),
        ("service", {"account": "a"}, ACCOUNT_SERVICE),
        (ACCOUNT_SERVICE, {"service": "a"}, ACCOUNT_SERVICE),
        ("none", {"service": "a", "account": "b"}, ACCOUNT_SERVICE),
        ("region", {"account": "a"}, None),
        ("none", {"charge_category": "tax"}, None),
        (ACCOUNT_SERVICE, {"region": "eu"}, None),
    ],
)
def test_one_dimension_answers_a_question_or_none_does(by: str, filters: dict[str, str], dimension: str | None) -> None:
    assert find_dimension(by, filters) == dimension


def test_an_identity_keeps_the_names_that_were_first_given() -> None:
    text = codec.series_json(HERE[1])
    assert codec.read_series(codec.leave_out_groups(text)) == HERE[1]
    assert len(json.loads(text)[2]) == 6
