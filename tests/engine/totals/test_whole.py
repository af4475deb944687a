"""What is known of all costs of a currency: which days are over, and what one usually costs."""

from dataclasses import replace

import pytest

from kumo.domain.entries import DAY_MS, Entry
from kumo.domain.groups import ALL, Group
from kumo.domain.worth import FleetDay
from kumo.engine import ingest
from kumo.engine.totals import whole
from kumo.services import Services
from tests.engine.totals.combining import combine
from tests.engine.totals.spending import UNIT, spend
from tests.engine.totals.verdicts import store_verdicts

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")

TODAY = 20_012


def record(services: Services, *entries: Entry) -> Services:
    ingest.ingest(services, entries)
    combine(services)
    return replace(services, clock=lambda: TODAY * DAY_MS + 1)


def come(services: Services, provider: str, newest: int, *, imported: bool) -> None:
    """Note how far the costs of a provider have come, as judges do."""
    services.store.client.hset(services.store.partitions[0].progress, f"USD {provider}", f"{newest} {int(imported)}")


def test_ingested_days_are_over_by_the_clock_and_the_usual_day_is_a_median(services: Services) -> None:
    amounts = {TODAY - 3: 10.0, TODAY - 2: 30.0, TODAY - 1: 20.0, TODAY: 500.0}
    now = record(services, *spend(0, amounts))
    assert whole.describe_all(now) == {"USD": FleetDay(day=TODAY - 1, complete_days=3, usual_day=20 * UNIT)}


def test_a_day_is_over_once_no_provider_that_matters_is_awaited(services: Services) -> None:
    days = range(TODAY - 10, TODAY)
    now = record(
        services,
        *spend(0, dict.fromkeys(days, 10.0)),
        *spend(1, dict.fromkeys(days[:-4], 10.0), provider="GCP"),
        *spend(2, dict.fromkeys(days[:-6], 0.01), provider="tiny"),
    )
    come(now, "aws", TODAY - 1, imported=False)
    come(now, "gcp", TODAY - 5, imported=True)
    come(now, "tiny", TODAY - 7, imported=True)
    assert whole.describe_all(now)["USD"].day == TODAY - 7  # a day of GCP's bill is complete one day later
    come(now, "gcp", TODAY - 1, imported=True)
    assert whole.describe_all(now)["USD"].day == TODAY - 3


def test_a_currency_without_a_complete_day_has_none(services: Services) -> None:
    now = record(services, *spend(0, {TODAY: 10.0}))
    assert whole.describe_all(now) == {"USD": FleetDay()}


def test_the_usual_day_is_that_of_the_verdicts_if_there_are_any(services: Services) -> None:
    now = record(services, *spend(0, dict.fromkeys(range(TODAY - 9, TODAY), 10.0)))
    group = Group(ALL, (), "USD").id
    store_verdicts(now, group, {day: float(day - TODAY + 20) for day in range(TODAY - 8, TODAY)})
    assert whole.describe_all(now)["USD"].usual_day == 16 * UNIT  # the middle of 13 to 19
