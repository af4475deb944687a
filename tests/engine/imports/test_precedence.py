"""Two sources: of one format they add up; of two formats, one alone counts for an account and a day."""

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.imports import Import, ImportStatus
from kumo.engine.imports import lifecycle
from kumo.engine.imports.choices import Choices
from kumo.services import Services
from tests.billing.samples import CUR, written
from tests.engine.imports import bills
from tests.engine.imports.bills import FIRST, begin, load, row, sound

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="2")

Costs = dict[tuple[str, int], int]
Write = Callable[[Costs], bytes]


def focus(costs: Costs) -> bytes:
    rows = [
        row(day, "by focus", cost, SubAccountId=account, BillingAccountId="payer")
        for (account, day), cost in costs.items()
    ]
    return bills.focus(*rows)


def cur(costs: Costs) -> bytes:
    return written(*(CUR | _cur(account, day, cost) for (account, day), cost in costs.items()))


def _cur(account: str, day: int, cost: int) -> dict[str, str]:
    start = f"{date.fromordinal(FIRST + day)}T00:00:00Z"
    own = {"lineItem/UsageAccountId": account, "lineItem/UsageStartDate": start, "lineItem/ProductCode": "by cur"}
    return own | {"lineItem/UnblendedCost": str(cost), "bill/BillingPeriodStartDate": f"{start[:8]}01T00:00:00Z"}


def deliver(services: Services, content: bytes, **chosen: object) -> Import:
    choices = Choices(currency="USD", **chosen)  # type: ignore[arg-type]  # options by name
    return lifecycle.run(services, io.BytesIO(content), "bill.csv", choices)


def held(services: Services) -> Counter[tuple[str, int, str]]:
    """Return the entries by account, day and service."""
    found: Counter[tuple[str, int, str]] = Counter()
    for cost in bills.costs(services):
        day = datetime.fromtimestamp(cost.entry.timestamp / 1000, UTC).toordinal() - FIRST
        found[cost.entry.series.account, day, cost.entry.series.service] += cost.entry.amount // 10**6
    return found


def test_two_sources_of_one_format_add_up_and_each_replaces_its_own(services: Services) -> None:
    for cost in (5, 7):
        load(services, focus({("a", 0): cost}), choices=Choices(source="one"))
        found = load(services, focus({("a", 0): cost + 1}), choices=Choices(source="two"))
    assert held(services) == {("a", 0, "by focus"): 7 + 8}
    assert (found.format, found.source, found.changed.entries) == ("focus", "two", 1)
    assert "one also has costs of account a on the same days: both count" in found.notes
    sound(services)


def test_costs_in_two_formats_are_refused_naming_both_and_nothing_is_stored(services: Services) -> None:
    load(services, cur({("a", 0): 5, ("a", 1): 5, ("b", 1): 5}))
    before = held(services), bills.arrivals(services)
    found = deliver(services, focus({("a", 1): 5, ("b", 1): 5, ("c", 1): 5}))
    assert found.error
    assert "focus and aws_cur both have costs of account" in found.error.detail
    assert found.error.detail.endswith("--counts focus or --counts aws_cur")
    assert (held(services), bills.arrivals(services)) == before


def test_sources_are_named_by_their_names(services: Services) -> None:
    load(services, cur({("a", 0): 5}), choices=Choices(source="payer"))
    found = deliver(services, focus({("a", 0): 5}), source="shop", counts="nobody")
    assert found.error
    assert "--counts shop or --counts payer" in found.error.detail


def test_other_days_and_other_accounts_are_nobody_elses_business(services: Services) -> None:
    load(services, cur({("a", 0): 5, ("a", 1): 5}))
    load(services, focus({("a", 2): 5, ("a", 3): 5}))
    load(services, focus({("b", 0): 5}))
    assert sum(held(services).values()) == 25


@pytest.mark.parametrize("counts", ["focus", "shop"])
def test_the_delivery_that_counts_takes_the_place_of_the_other_in_its_days(services: Services, counts: str) -> None:
    older = cur({("a", 0): 5, ("a", 1): 6, ("b", 1): 7})
    load(services, older)
    found = deliver(services, focus({("a", 1): 9}), source="shop", counts=counts)
    assert held(services) == {("a", 0, "by cur"): 5, ("a", 1, "by focus"): 9, ("b", 1, "by cur"): 7}
    assert (found.error, found.removed.entries) == (None, 1)
    sound(services)
    assert load(services, older).same_as
    again = deliver(services, cur({("a", 1): 8}))
    assert again.error
    assert "aws_cur and shop both" in again.error.detail


def test_a_delivery_leaves_out_what_another_has_that_counts(services: Services) -> None:
    load(services, cur({("a", 0): 5, ("b", 1): 7}))
    found = deliver(services, focus({("a", 0): 9, ("a", 1): 9, ("b", 1): 9}), counts="aws_cur")
    assert held(services) == {("a", 0, "by cur"): 5, ("a", 1, "by focus"): 9, ("b", 1, "by cur"): 7}
    assert [
        note for note in found.notes if note.startswith("2 daily totals were left out, because another source counts")
    ]
    sound(services)


def test_what_is_forgotten_is_in_nobodys_way(services: Services) -> None:
    lifecycle.forget(services, load(services, cur({("a", 0): 5})).id)
    load(services, focus({("a", 0): 9}))
    assert held(services) == {("a", 0, "by focus"): 9}


MONTH: Costs = {("a", day): 5 for day in range(25)}


@pytest.mark.parametrize("at", range(1, 12))
@pytest.mark.parametrize("later", [False, True])
def test_two_formats_at_once_never_both_count(services: Services, at: int, *, later: bool) -> None:
    first, second = begin(services, "one.csv"), begin(services, "other.csv")
    first, second = (second, first) if later else (first, second)
    passed, found = 0, []

    def run(of: Services, content: bytes, begun: Import) -> Import:
        return lifecycle.run(of, io.BytesIO(content), "", bills.USD, begun=begun.number)

    def reach(_: str) -> None:
        nonlocal passed
        passed += 1
        if passed == at:
            found.append(run(services, focus(MONTH), second))

    found.append(run(replace(services, failpoint=reach), cur(MONTH), first))
    by_service = {
        service: {day for _, day, one in held(services) if one == service} for _, _, service in held(services)
    }
    assert not by_service.get("by focus", set()) & by_service.get("by cur", set())
    assert {each.status for each in found} != {ImportStatus.DONE} or len(found) == 1
    sound(services)


said = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 80)), st.integers(1, 9), min_size=1, max_size=12
)
deliveries = st.lists(st.tuples(st.sampled_from(["one", "two"]), said), min_size=1, max_size=6)


def covered(costs: Costs) -> set[tuple[str, int]]:
    """Return the accounts and days that a delivery covers: of each month, from its first day to its last."""
    months: dict[str, list[int]] = {}
    for _, day in costs:
        months.setdefault(_month(day), []).append(day)
    found = {(account, _month(day)) for account, day in costs}
    return {(account, day) for account, month in found for day in range(min(months[month]), max(months[month]) + 1)}


def _month(day: int) -> str:
    return f"{date.fromordinal(FIRST + day):%Y-%m}"


@given(deliveries)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_each_source_each_day_is_what_its_newest_delivery_says(
    services: Services, made: list[tuple[str, Costs]]
) -> None:
    services.store.client.flushall()
    model: dict[str, Costs] = {"one": {}, "two": {}}
    for source, costs in made:
        assert deliver(services, focus(costs), source=source, again=True).error is None
        for place in covered(costs):
            model[source].pop(place, None)
        model[source] |= costs
    expected: Counter[tuple[str, int]] = Counter()
    for own in model.values():
        expected.update(own)
    assert {place[:2]: cost for place, cost in held(services).items()} == expected


@given(deliveries)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_two_formats_each_day_is_what_the_newest_delivery_says(
    services: Services, made: list[tuple[str, Costs]]
) -> None:
    services.store.client.flushall()
    model: dict[tuple[str, int], tuple[int, str]] = {}
    for source, costs in made:
        write: Write = {"one": focus, "two": cur}[source]
        assert deliver(services, write(costs), source=source, counts=source, again=True).error is None
        for place in covered(costs):
            if place in costs or model.get(place, (0, ""))[1] == source:
                model.pop(place, None)
        model |= {place: (cost, source) for place, cost in costs.items()}
    names = {"one": "by focus", "two": "by cur"}
    assert held(services) == {(*place, names[source]): cost for place, (cost, source) in model.items()}
    sound(services)
