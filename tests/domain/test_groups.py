"""The groups of a cost, and which of them are judged."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.entries import Entry, Series, is_series_id
from kumo.domain.groups import (
    ACCOUNT_SERVICE,
    ALL,
    DIMENSIONS,
    Group,
    choose_judged,
    has_own_verdict,
    parse_dimension,
    share_entry,
)
from kumo.domain.parts import OTHER_VALUES
from kumo.domain.totals.amounts import PeriodTotal, entry_total

SERIES = Series("EC2", "USD", provider="AWS", account="prod", region="eu-1")
KEYS = ("team", "Env")
NAMES = st.sampled_from(["", "ml", "ML", "search", OTHER_VALUES])


def entry(series: Series = SERIES, amount: int = 7, **kept: object) -> Entry:
    return Entry(series, amount, 0, **kept)


def values(cost: Entry) -> list[tuple[str, tuple[str, ...], int]]:
    return [(share.group.dimension, share.group.value, share.total.micros) for share in share_entry(cost, KEYS)]


def test_a_cost_is_in_one_group_of_each_dimension() -> None:
    assert values(entry(tags={"TEAM": "ml"})) == [
        ("all", (), 7),
        ("provider", ("AWS",), 7),
        ("account", ("prod",), 7),
        ("service", ("EC2",), 7),
        ("region", ("eu-1",), 7),
        ("account,service", ("prod", "EC2"), 7),
        ("tag:team", ("ml",), 7),
        ("tag:env", ("",), 7),  # a missing value is a group too
    ]


def test_a_cost_that_is_split_by_a_tag_is_in_the_group_of_each_value() -> None:
    cost = entry(parts={"Team": {"ml": 4, "": 1, "ML": 2}}, quantity=5, unit="h")
    tagged = {share.group.value: share.total for share in share_entry(cost, ("team",)) if share.group.tag}
    assert tagged == {("ml",): entry_total(6), ("",): entry_total(1)}


def test_a_quantity_belongs_to_all_groups_of_a_cost_that_is_not_split() -> None:
    cost = entry(quantity=5, unit="h", tags={"team": "ml"})
    assert {share.total for share in share_entry(cost, KEYS)} == {entry_total(7, 5, "h")}


def test_an_excluded_cost_is_summed_and_not_judged() -> None:
    tax = Series("EC2", "USD", charge_category="tax")
    assert {share.is_judged for share in share_entry(entry(tax), KEYS)} == {False}
    assert {share.is_judged for share in share_entry(entry(), KEYS)} == {True}


@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), st.dictionaries(NAMES, st.integers(-50, 50), max_size=4))))
def test_the_groups_of_each_dimension_sum_up_to_all_costs(costs: list[tuple[int, dict[str, int]]]) -> None:
    sums: dict[str, PeriodTotal] = defaultdict(PeriodTotal)
    for amount, split in costs:
        rest = {"": amount - sum(micros for value, micros in split.items() if value)}
        cost = entry(amount=amount, parts={"team": {**split, **rest}} if split else {})
        for share in share_entry(cost, KEYS):
            sums[share.group.dimension] = sums[share.group.dimension].combine(share.total)
    assert {total.micros for total in sums.values()} <= {sum(amount for amount, _ in costs)}
    assert {sums[dimension].entries for dimension in DIMENSIONS} == {len(costs)}


def test_an_id_names_dimension_value_and_currency_in_any_spelling() -> None:
    groups = [
        Group(ALL, (), "USD"),
        Group(ALL, (), "EUR"),
        Group("service", ("EC2",), "USD"),
        Group("account", ("EC2",), "USD"),
        Group("account", ("",), "USD"),
        Group("tag:team", ("",), "USD"),
        Group(ACCOUNT_SERVICE, ("prod", "EC2"), "USD"),
        Group(ACCOUNT_SERVICE, ("EC2", "prod"), "USD"),
    ]
    ids = {group.id for group in groups}
    assert len(ids) == len(groups)
    assert all(map(is_series_id, ids))
    assert Group("service", (" ec2",), "USD").id == Group("service", ("EC2",), "USD").id
    assert Group("service", ("EC2",), "USD").id == "av6vptgfod5rs7tu"  # it never changes: things are stored under it


@pytest.mark.parametrize(
    ("text", "dimension"), [("all", "all"), ("account,service", ACCOUNT_SERVICE), ("tag:TEAM", "tag:team")]
)
def test_a_dimension_is_read(text: str, dimension: str) -> None:
    assert parse_dimension(text, KEYS) == dimension


@pytest.mark.parametrize("text", ["", "none", "tag:", "tag:cost-centre", "Service", "service,account"])
def test_what_is_no_dimension_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be one of all, .*, tag:env, tag:team"):
        parse_dimension(text, KEYS)


def test_the_largest_groups_are_judged() -> None:
    spend = {"a": 5, "b": -9, "c": 1, "d": 5, "e": 5}
    assert choose_judged(spend, 3) == {"b", "a", "d"}
    assert choose_judged(spend, 5) == set(spend)
    assert len(choose_judged({str(number): number for number in range(6000)})) == 5000


@pytest.mark.parametrize(
    ("complete_days", "series", "chosen", "judged"),
    [(10, 2, True, True), (9, 2, True, False), (10, 1, True, False), (10, 0, True, False), (10, 2, False, False)],
)
def test_a_group_is_judged_by_itself(complete_days: int, series: int, *, chosen: bool, judged: bool) -> None:
    group = Group("region", ("eu",), "USD")
    assert has_own_verdict(group, complete_days=complete_days, series=series, is_chosen=chosen) is judged


def test_what_an_import_did_not_keep_apart_is_not_judged() -> None:
    group = Group("tag:team", (OTHER_VALUES,), "USD")
    assert not has_own_verdict(group, complete_days=50, series=9, is_chosen=True)
    service = Group("service", (OTHER_VALUES,), "USD")
    assert has_own_verdict(service, complete_days=50, series=9, is_chosen=True)


def test_one_spelling_stands_for_all_in_a_cost() -> None:
    counted = Counter(share.group.id for share in share_entry(entry(parts={"team": {"ml": 1, "Ml ": 6}}), KEYS))
    assert max(counted.values()) == 1
