"""Fifty healthy series for ninety days, with their groups: how many alerts people get."""

import random
from collections.abc import Iterable, Iterator

import pytest

from kumo.domain.anomalies import Anomaly
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.engine.totals import census
from kumo.services import Services
from kumo.store import anomalies, outbox
from tests.domain import fleets
from tests.domain.fleets import START
from tests.engine.totals.judging import judge_all

# Alerts know no age here, so the history may come in a few parts.
pytestmark = [
    pytest.mark.server,
    pytest.mark.settings(KUMO_PARTITIONS="2", KUMO_DETECTOR="adaptive", KUMO_TAG_KEYS="none"),
]
SERIES, DAYS, MONTH = 50, 90, 30


def draw(seed: int) -> list[list[int]]:
    rng = random.Random(seed)
    return [fleets.spend(fleets.draw_habit(rng), DAYS, rng) for _ in range(SERIES)]


def record(amounts: list[list[int]], days: Iterable[int]) -> Iterator[Entry]:
    for number, of_series in enumerate(amounts):
        identity = Series(
            f"service {number % 13}", "USD", "AWS" if number % 3 else "GCP", f"account {number % 7}", f"r {number % 4}"
        )
        for day in days:
            yield Entry(identity, of_series[day], (START + day) * DAY_MS, external_id=f"day {day}")


def list_ids(services: Services, family: str) -> list[str]:
    names = (getattr(partition, family) for partition in services.store.partitions)
    return [each.decode() for name in names for each in services.store.client.zrange(name, 0, -1, withscores=False)]


def find_alerted(services: Services) -> list[Anomaly]:
    """Return the anomaly of each alert."""
    raised = [outbox.read(services.store, [name])[0].anomaly for name in list_ids(services, "alerts")]
    return list(anomalies.read(services.store, raised))


@pytest.mark.parametrize("seed", [0, 1])
def test_at_most_eight_alerts_are_raised_in_the_two_months_after_the_first(services: Services, seed: int) -> None:
    amounts = draw(seed)
    parts = [range(14), range(14, MONTH), range(MONTH, DAYS)]
    for part in parts:
        now = judge_all(services, record(amounts, part), day=START + part.stop)
        census.take(now)
    now = judge_all(now, day=START + DAYS)
    later = [each for each in find_alerted(now) if (each.first_period or 0) >= START + MONTH]
    assert len(later) <= 8, [(each.series_id, each.excess, each.chance) for each in later]


def test_a_series_with_a_tenth_of_the_spend_that_doubles_is_alerted_on_its_first_day(services: Services) -> None:
    amounts = draw(2)
    whole = sum(each[-2] for each in amounts)
    large = [round(whole / 9 * random.Random(day).lognormvariate(0, 0.05)) for day in range(DAYS)]
    large[-1] *= 2
    for part in (range(MONTH), range(MONTH, DAYS - 1), range(DAYS - 1, DAYS)):
        now = judge_all(services, record([large, *amounts], part), day=START + part.stop)
        census.take(now)
    series = next(record([large], [0])).series.id
    assert [each.first_period for each in find_alerted(now) if each.series_id == series] == [START + DAYS - 1]
