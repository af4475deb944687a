"""What is worth an alert on the product: the settings, the policy that covers a thing, and the fleet of the census."""

import pytest

from kumo.domain.policies import Policy
from kumo.domain.totals.episodes import Episode
from kumo.domain.worth import FleetDay, NotSent
from kumo.engine import ingest
from kumo.engine.totals import worth
from kumo.services import Services
from kumo.store import fleets
from tests.conftest import Build
from tests.engine.totals.spending import spend

UNIT = 10**6
SETTINGS = Policy()
DAY = FleetDay(day=20_000, complete_days=40, usual_day=1000 * UNIT, things=100, spend=5000 * UNIT, stored=150)


def episode(impact: float, chance: float | None = 1e-9, usual: float = 10.0) -> Episode:
    micros = round(impact * UNIT)
    return Episode(first=1, last=1, periods=1, impact=micros, peak=micros, chance=chance, usual=round(usual * UNIT))


@pytest.mark.parametrize(
    ("changes", "policy", "what", "reason"),
    [
        ({}, SETTINGS, episode(2), None),
        ({}, SETTINGS, episode(0.9), NotSent.BELOW_MINIMUM),
        ({"KUMO_MIN_IMPACT": "3"}, SETTINGS, episode(2), NotSent.BELOW_MINIMUM),
        ({"KUMO_MIN_SHARE": "0.01"}, SETTINGS, episode(9.9), NotSent.BELOW_MINIMUM),  # of a usual day of 1,000
        ({"KUMO_MIN_SHARE": "0.01"}, SETTINGS, episode(10.1), None),
        ({}, Policy("p", min_impact=3 * UNIT), episode(2), NotSent.BELOW_MINIMUM),
        ({}, Policy("p", min_impact_percent=15.0), episode(2), None),
        ({}, Policy("p", min_impact_percent=25.0), episode(2), NotSent.BELOW_MINIMUM),
        ({"KUMO_MIN_IMPACT": "3"}, Policy("p", min_impact=UNIT), episode(2), None),
        ({}, SETTINGS, episode(2, 0.005), NotSent.WITHIN_BUDGET),
        ({"KUMO_FALSE_ALERTS": "60"}, SETTINGS, episode(2, 0.005), None),
        ({"KUMO_FALSE_ALERTS": "0"}, SETTINGS, episode(2, 0.005), None),
        ({}, Policy("p", threshold=2.0), episode(2, 0.005), None),
        ({}, Policy("p", threshold=2.0), episode(0.5, 0.005), NotSent.BELOW_MINIMUM),
        ({}, Policy("p", detector="zscore"), episode(0.5, 0.005), None),
        ({"KUMO_DETECTOR": "zscore"}, SETTINGS, episode(0.5, 0.005), None),
        ({"KUMO_DETECTOR": "zscore"}, Policy("p", detector="adaptive"), episode(0.5), NotSent.BELOW_MINIMUM),
        ({}, SETTINGS, episode(50, None), None),  # as first spend: no detector knows its chance
    ],
)
def test_settings_and_policy_say_what_is_worth_an_alert(
    build: Build, changes: dict[str, str], policy: Policy, what: Episode, reason: NotSent | None
) -> None:
    services = build(**changes)
    fleets.replace(services.store, {"USD": DAY})
    assert worth.read(services).find_reason("USD", what, 0, policy) is reason


def test_a_large_part_of_the_spend_needs_less_rarity(services: Services) -> None:
    fleets.replace(services.store, {"USD": DAY})
    fleet = worth.read(services)
    small, large = (fleet.find_reason("USD", episode(500, 0.005), spent * UNIT, SETTINGS) for spent in (5, 1000))
    assert (small, large) == (NotSent.WITHIN_BUDGET, None)


def test_currencies_share_the_budget(services: Services) -> None:
    fleets.replace(services.store, {"USD": DAY})
    assert worth.read(services).find_reason("USD", episode(50, 6e-4), 0, SETTINGS) is None
    euro = FleetDay(day=1, complete_days=40, things=900, spend=UNIT, stored=150)
    fleets.replace(services.store, {"USD": DAY, "EUR": euro})
    assert worth.read(services).find_reason("USD", episode(50, 6e-4), 0, SETTINGS) is NotSent.WITHIN_BUDGET


@pytest.mark.parametrize(
    "counted", [{}, {"USD": FleetDay(stored=999)}, {"USD": FleetDay(things=2, spend=UNIT, stored=11)}]
)
def test_all_that_is_stored_shares_the_budget_if_it_is_not_counted(
    services: Services, counted: dict[str, FleetDay]
) -> None:
    fleets.replace(services.store, counted)
    ingest.ingest(services, [entry for number in range(50) for entry in spend(number, {20_000: 10.0})])
    assert worth.read(services).find_reason("USD", episode(50, 0.03), 0, SETTINGS) is NotSent.WITHIN_BUDGET
    assert worth.read(services).find_reason("USD", episode(50, 1e-5), 0, SETTINGS) is None


@pytest.mark.parametrize(
    ("setting", "currency", "day", "limit"),
    [
        ("auto", "USD", 20_001, 20),
        ("auto", "EUR", 20_001, None),
        ("7", "USD", 20_001, 7),
        ("0", "USD", 20_001, None),
        ("auto", "USD", 19_971, 20),  # of forty complete days, thirty may be later
        ("auto", "USD", 19_970, None),
    ],
)
def test_the_first_day_of_something_has_a_limit_once_its_currency_is_known(
    build: Build, setting: str, currency: str, day: int, limit: int | None
) -> None:
    services = build(KUMO_FIRST_SPEND=setting)
    fleets.replace(services.store, {"USD": DAY, "EUR": FleetDay(day=1, complete_days=9)})
    assert worth.read(services).compute_first_limit(currency, day) == (limit and limit * UNIT)
