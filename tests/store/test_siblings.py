"""The series of a service, and some of their days."""

import pytest

from kumo.engine import ingest
from kumo.services import Services
from kumo.store import siblings
from tests.engine.totals.spending import UNIT, series_of, spend
from tests.engine.totals.verdicts import store_verdicts

DAY = 20_480  # a block of days begins
IDS = [series_of(number, service="db").id for number in range(3)]


def test_days_of_many_series_are_read_some_at_a_time(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siblings, "CALL_SERIES", 2)
    for number in range(3):
        ingest.ingest(services, spend(number, {DAY - 1: 10.0 + number, DAY: 20.0, DAY + 1: 30.0}, service="db"))
    ingest.ingest(services, [*spend(4, {DAY: 1.0}), *spend(4, {DAY: 1.0}, service="db", currency="EUR")])
    store_verdicts(services, IDS[0], {DAY - 2: 1.0, DAY - 1: 2.0, DAY + 1: 3.0})
    found = dict(siblings.read_days(services.store, siblings.list_ids(services.store, "DB", "USD"), [DAY - 1, DAY]))
    assert found.keys() == set(IDS)
    assert found[IDS[2]].totals == {DAY - 1: (1, 12 * UNIT), DAY: (1, 20 * UNIT)}
    assert {day: period.usual for day, period in found[IDS[0]].judged.items()} == {DAY - 1: 2 * UNIT}
    assert found[IDS[1]].judged == {}
