"""Single days are read with their verdicts, and since when these wait."""

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.totals.amounts import NOTHING, PeriodTotal
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import day_totals
from kumo.store.day_totals import DayState
from tests.verdicts import make_period, store_period

DAY = 20_240
ONE, OTHER = Series("EC2", "USD"), Series("S3", "USD")

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")


@pytest.fixture
def services(services: Services) -> Services:
    services.check_layout()
    return services


def record(services: Services, series: Series, *amounts: int, day: int = DAY) -> None:
    ingest.ingest(services, [Entry(series, amount, day * DAY_MS) for amount in amounts])


def test_single_days_are_read_with_their_verdicts(services: Services) -> None:
    record(services, ONE, 5, 6)
    record(services, OTHER, 7, day=DAY + 300)
    verdict = make_period(DAY, 11)
    store_period(services.store, ONE.id, verdict)
    unfolded = services.store.partition(OTHER.id).unfolded
    services.store.client.execute_command("ZADD", unfolded, DAY + 200, OTHER.id)  # type: ignore[attr-defined]
    cells = [(OTHER.id, DAY + 300), (ONE.id, DAY), (ONE.id, DAY + 1), (ONE.id, DAY)]
    assert day_totals.read_states(services.store, cells) == [
        DayState(PeriodTotal(micros=7, entries=1), None, DAY + 200),
        DayState(PeriodTotal(micros=11, entries=2), verdict, None),
        DayState(NOTHING, None, None),
        DayState(PeriodTotal(micros=11, entries=2), verdict, None),
    ]
    assert day_totals.read_waiting(services.store, [ONE.id, OTHER.id]) == {ONE.id: None, OTHER.id: DAY + 200}
