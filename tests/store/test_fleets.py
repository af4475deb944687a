"""The fleet of judged things, stored and read."""

from kumo.domain.worth import FleetDay
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import fleets
from tests.engine.totals.spending import spend

USD = FleetDay(day=20_000, complete_days=40, usual_day=-5, things=100, spend=10**20)


def test_the_fleet_is_read_as_it_was_stored_and_other_currencies_go(services: Services) -> None:
    assert fleets.read(services.store) == ({}, 0)
    fleets.replace(services.store, {"USD": USD, "EUR": FleetDay()})
    assert fleets.read(services.store).days == {"USD": USD, "EUR": FleetDay()}
    fleets.replace(services.store, {"EUR": FleetDay(day=1)})
    assert fleets.read(services.store).days == {"EUR": FleetDay(day=1)}
    fleets.replace(services.store, {})
    assert fleets.read(services.store).days == {}


def test_what_may_be_judged_is_counted(services: Services) -> None:
    ingest.ingest(services, [*spend(0, {20_000: 1.0, 20_001: 1.0}), *spend(8, {20_000: 1.0})])
    assert fleets.read(services.store).stored >= 2 + 9  # two series; all, provider, service, and two each of the others
