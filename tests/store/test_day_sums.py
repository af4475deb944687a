"""What many series and groups spent in some days."""

import pytest

from kumo.domain.groups import ACCOUNT, Group
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import day_sums
from tests.engine.totals.combining import combine
from tests.engine.totals.spending import UNIT, series_of, spend

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")

FIRST = 20_470  # a block of days ends in between
ACCOUNT_0 = Group(ACCOUNT, ("account 0",), "USD").id


def test_totals_of_days_are_summed_without_costs_that_are_no_usage(services: Services) -> None:
    days = {FIRST: 1.0, FIRST + 9: 2.0, FIRST + 10: 4.0, FIRST + 40: 8.0}
    ingest.ingest(services, [*spend(0, days), *spend(0, {FIRST: 99.0}, charge_category="tax")])
    combine(services)
    store = services.store
    assert list(day_sums.sum_days(store, [ACCOUNT_0, series_of(99).id], FIRST + 9, FIRST + 45)) == [
        (ACCOUNT_0, 14 * UNIT)
    ]
    assert dict(day_sums.sum_days(store, [series_of(0).id], FIRST, FIRST + 1)) == {series_of(0).id: UNIT}


def test_days_with_entries_are_listed_in_order(services: Services) -> None:
    ingest.ingest(services, spend(0, dict.fromkeys([FIRST + 20, FIRST, FIRST - 700], 1.0)))
    ingest.ingest(services, spend(0, {FIRST + 1: 1.0}, charge_category="tax"))
    combine(services)
    ingest.ingest(services, spend(0, {FIRST + 5: 1.0}))
    found = day_sums.list_days(services.store, [ACCOUNT_0, series_of(0).id, series_of(1).id], FIRST + 20)
    days = [FIRST - 700, FIRST, FIRST + 5]
    assert found == {ACCOUNT_0: days, series_of(0).id: days, series_of(1).id: []}
