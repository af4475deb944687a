"""What a person expects of a history of costs, and that it depends on what they come to alone."""

import random

import pytest
from hypothesis import HealthCheck, given, settings

from kumo.domain.entries import Series
from kumo.domain.groups import groups_of_series
from kumo.engine.backtest import history
from kumo.engine.backtest.rows import History
from kumo.engine.backtest.trial import Trial, replay_history
from kumo.engine.queries import lookup
from kumo.settings import Settings
from tests.conftest import Build
from tests.engine.backtest.histories import (
    FIRST,
    TODAY,
    Cost,
    replay,
    series_of,
    today,
    usual,
)
from tests.engine.detection.arrivals import SERIES, Arrival, everything, histories, judge_all, send

SMALL = {"KUMO_WINDOW": "12", "KUMO_MIN_HISTORY": "5", "KUMO_PARTITIONS": "1"}
on_one_server = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = {
    group.id: " ".join([group.dimension, *group.value])
    for number in range(120)
    for series in (series_of(number), Series("service 1", "USD", "AWS", "account 1", "mars"))
    for group in groups_of_series(series)
}


def told(trial: Trial, day: int = TODAY) -> list[str]:
    """Return what the messages about a day are about: groups by their names, series as such."""
    return [NAMES.get(message.thing_id, "series") for message, _ in trial.messages if message.day == day]


def test_a_leak_of_many_small_calls_is_told_while_it_goes_on() -> None:
    key = Series("api", "USD", account="account 0")
    calls = [Cost(key, day, 0.1, call / 40) for day in range(FIRST, TODAY) for call in range(40)]
    leak = [Cost(key, TODAY, 0.1, call / 4000) for call in range(4000)]
    trial = replay([*calls, *leak], Settings())
    assert [message.kind.value for message, _ in trial.messages][:1] == ["opened"]
    assert min(trial.messages[0][1]) < len(calls) + 200


def test_something_unknown_is_told_on_its_first_day_under_its_broadest_name() -> None:
    region = [Cost(Series("service 1", "USD", "AWS", "account 1", "mars"), TODAY, 3000.0)]
    assert "region mars" in told(replay([*usual(50), *region], Settings()))


def test_a_rise_of_everything_is_told_of_all_and_hardly_of_its_series() -> None:
    calm, risen = (told(replay([*usual(60, noise=0.2), *today(60, factor)], Settings())) for factor in (1.0, 1.3))
    assert calm == []
    assert {"all", "provider AWS"} <= set(risen)
    assert risen.count("series") < 6


def test_one_purchase_out_of_line_among_many_is_told() -> None:
    rng, shop = random.Random(4), Series("shop", "USD")
    costs = [Cost(shop, day, rng.uniform(20, 80), n / 8) for day in range(FIRST, TODAY) for n in range(8)]
    trial = replay([*costs, Cost(shop, TODAY, 6478.0), Cost(shop, TODAY, 50.0, 0.5)], Settings())
    assert [places for _, places in trial.messages] == [(len(costs),)]
    assert trial.read_outcome(len(costs)).status == "anomaly"


def test_an_increase_that_entries_and_totals_show_is_told_once() -> None:
    rng, meter = random.Random(5), Series("meter", "USD")
    hours = [
        Cost(meter, day, rng.uniform(9, 11) * (1 + 4 * (day == TODAY)), hour / 24)
        for day in range(FIRST, TODAY + 1)
        for hour in range(24)
    ]
    trial = replay(hours)
    assert [message.kind.value for message, _ in trial.messages].count("opened") == 1
    assert trial.anomalies == 1


def test_a_move_to_another_region_is_not_told() -> None:
    old, new = Series("db", "USD", "AWS", "account 0", "old"), Series("db", "USD", "AWS", "account 0", "new")
    costs = [*usual(20), *today(20, 1.0)]
    for day in range(FIRST, TODAY + 1):
        moved = day == TODAY
        costs += [Cost(old, day, 10.0 if moved else 100.0 + day % 4), Cost(new, day, 20.0 + day % 3 + 90.0 * moved)]
    costs.sort(key=lambda cost: cost.day)
    assert told(replay(costs, Settings())) == []
    alone = [cost for cost in costs if cost.series != old or cost.day < TODAY]
    alone.append(Cost(old, TODAY, 101.0))
    assert "series" in told(replay(alone, Settings()))


def test_a_day_that_has_only_begun_brings_nothing() -> None:
    assert told(replay([*usual(30), *today(3, 1.0)])) == []


def restate(costs: list[Cost], *parts: float, days: int, rng: random.Random) -> list[Cost]:
    """Return a feed in which each cost comes in parts: all but the last on its day, the last so many days later."""
    arrivals = []
    for place, cost in enumerate(costs):
        for number, part in enumerate((*parts, 1.0)):
            later = days if number == len(parts) else 0
            share = part * rng.uniform(0.95, 1.05) if part < 1.0 else 1.0
            known = cost._replace(units=cost.units * share, external_id=f"{cost.day}")
            arrivals.append((cost.day + later, number, place, known))
    return [cost for *_, cost in sorted(arrivals, key=lambda each: each[:3])]


@pytest.mark.parametrize("detector", ["adaptive", "zscore"])
@pytest.mark.parametrize(("parts", "days"), [((0.65,), 1), ((0.2, 0.6), 0), ((0.6,), 2)])
def test_a_restated_feed_tells_the_same_of_the_same_days(detector: str, parts: tuple[float, ...], days: int) -> None:
    rng = random.Random(7)
    costs = usual(12, noise=0.1)
    for number, factor in ((0, 3.0), (5, 2.0), (7, 1.6), (3, 6.0), (4, 1.4), (9, 9.0)):
        for day in range(rng.randrange(20), rng.randrange(1, 5)):
            costs[(25 + 5 * number % 30 + day) * 12 + number] = costs[number]._replace(
                day=FIRST + 25 + 5 * number % 30 + day, units=20.0 * factor
            )
    everything_told = Settings(detector=detector, min_impact=0.0, min_share=0.0, false_alerts=0.0)
    once, parted = replay(costs, everything_told), replay(restate(costs, *parts, days=days, rng=rng), everything_told)
    expected = {(message.thing_id, message.day) for message, _ in once.messages}
    assert {(message.thing_id, message.day) for message, _ in parted.messages} == expected
    assert expected


def test_series_by_series_or_day_by_day_gives_the_same() -> None:
    costs = [*usual(9, noise=0.2), *today(9, 2.0)]
    by_series = sorted(costs, key=lambda cost: cost.series.parts)
    first, second = replay(costs), replay(by_series)
    place = {(cost.series, cost.day): number for number, cost in enumerate(by_series)}
    for number, cost in enumerate(costs):
        other = place[cost.series, cost.day]
        assert first.read_outcome(number) == second.read_outcome(other)
        assert first.alerted[number] == second.alerted[other]


def test_a_repeated_row_changes_nothing() -> None:
    costs = [cost._replace(external_id=str(cost.day)) for cost in [*usual(1), *today(1, 5.0)]]
    trial = replay([*costs, costs[-1], costs[-2]])
    assert len(trial.messages) == 1
    assert trial.read_outcome(len(costs)) == trial.read_outcome(len(costs) - 1)
    assert trial.read_outcome(len(costs) + 1) == trial.read_outcome(len(costs) - 2)


def as_csv(arrivals: list[Arrival]) -> History:
    found = History()
    for entry in (arrival.entry() for arrival in arrivals):
        number = found.number_series(entry.series.id, entry.series)
        found.add(number, entry.timestamp, entry.amount, ("", ""), entry.external_id)
    return found


@on_one_server
@given(arrivals=histories)
def test_entries_of_zscore_are_judged_as_they_would_have_been_live(build: Build, arrivals: list[Arrival]) -> None:
    services = build(**SMALL, KUMO_DETECTOR="zscore")
    services.store.client.flushall()
    send(services, arrivals)
    judge_all(services)
    live = {cost.id: cost.verdict for cost in lookup.list_costs(services, everything()).rows if cost.verdict}
    past = as_csv(arrivals)
    trial = replay_history(past, [services.settings]).trials[0]
    newest = {}
    for place, arrival in enumerate(arrivals):
        name = arrival.name if arrival.name is not None else -1 - place
        newest[arrival.series, name] = trial.read_outcome(place)
    assert sorted((str(each.status), str(each.z), str(each.score)) for each in newest.values()) == sorted(
        (str(each.status), str(each.z), str(each.score)) for each in live.values()
    )


def test_stored_entries_are_replayed_with_todays_amounts(build: Build) -> None:
    services = build(**SMALL)
    send(services, [Arrival(0, 10**6, 9, None), Arrival(0, 2 * 10**6, 0, 0), Arrival(0, 3_500_000, 0, 0)])
    past = history.read_stored(services.store)
    assert [*past.amounts] == [10**6, 3_500_000]
    assert past.written == [("2025-06-15T15:06:40.009Z", "1"), ("2025-06-15T15:06:40Z", "3.5")]
    assert [named.id for named in past.series] == [SERIES[0].id]
