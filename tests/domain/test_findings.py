"""What a ledger in memory brings: the fleet, first spend, falls that offset a rise; whatever the order of entries."""

import random

import pytest

from kumo.domain.detectors import build
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.findings import FirstDays, count_fleets, find_falls
from kumo.domain.groups import Group, groups_of_series
from kumo.domain.ledger import Ledger

UNIT = 10**6
FIRST = 20_000
DAYS = 40
TODAY = FIRST + DAYS


def entry(series: Series, day: int, units: float, **kept: object) -> Entry:
    return Entry(series, round(units * UNIT), day * DAY_MS, **kept)  # type: ignore[arg-type]


def series_of(number: int, currency: str = "USD") -> Series:
    return Series(f"service {number % 4}", currency, "AWS", f"account {number % 3}", f"region {number % 2}")


def fill(count: int, tag_keys: tuple[str, ...] = ()) -> Ledger:
    """Return a ledger of so many series with usual days of 20, judged up to today."""
    rng, ledger = random.Random(1), Ledger(build("adaptive", 3.0, 10), 100, tag_keys)
    for day in range(FIRST, TODAY):
        for number in range(count):
            ledger.add(entry(series_of(number), day, 20 * rng.lognormvariate(0, 0.05), tags={"team": "ml"}))
    ledger.judge(TODAY)
    return ledger


def test_a_group_of_one_series_has_the_totals_of_that_series_and_is_not_judged() -> None:
    ledger = fill(1)
    for group in groups_of_series(series_of(0)):
        assert ledger.get_totals(group.id) is ledger.things[series_of(0).id]
        assert not ledger.has_own_verdict(group.id)
    ledger.add(entry(series_of(12), TODAY, 5.0))  # of the same service, account and region
    assert ledger.get_totals(groups_of_series(series_of(0))[0].id).read_total(TODAY) == 5 * UNIT


def test_groups_are_judged_from_the_day_on_which_all_has_ten_complete_days() -> None:
    ledger = Ledger(build("adaptive", 3.0, 10), 100)
    whole = Group("all", (), "USD").id
    for day in range(FIRST, FIRST + 12):
        ledger.judge(day)
        assert ledger.has_own_verdict(whole) is (day >= FIRST + 10)
        for number in range(2):
            ledger.add(entry(series_of(number), day, 20.0))
    assert not ledger.has_own_verdict(Group("account", ("account 0",), "USD").id)


def test_the_fleet_is_what_is_judged_on_the_last_complete_day() -> None:
    ledger = fill(24)
    ledger.add(entry(series_of(0, "EUR"), TODAY - 1, 7.0))
    ledger.judge(TODAY + 1)
    fleets = count_fleets(ledger)
    judged = [name for name, thing in ledger.things.items() if ledger.has_own_verdict(name)]
    assert (fleets["USD"].day, fleets["USD"].complete_days) == (TODAY - 1, DAYS)
    assert (fleets["USD"].things, fleets["USD"].stored) == (len(judged) - 1, ledger.count_things())
    assert fleets["USD"].usual_day == pytest.approx(480 * UNIT, rel=0.1)
    assert (fleets["EUR"].things, fleets["EUR"].spend, fleets["EUR"].usual_day) == (1, 7 * UNIT, 7 * UNIT)


def find_new(ledger: Ledger, series: Series, day: int, units: float) -> list[tuple[str, int]]:
    days = FirstDays(ledger)
    groups = ledger.change(series.id, series, day, round(units * UNIT), 1)
    if not days.note(series.id, series.currency, groups, day):
        return []
    found = days.find(series.currency, day, 10 * UNIT)
    return [(dimension(ledger, each.newcomers[0].id), each.micros // UNIT) for each in found]


def dimension(ledger: Ledger, name: str) -> str:
    group = ledger.find_group(name)
    return group.dimension if group else "series"


def test_what_is_new_is_found_under_its_broadest_name_above_the_limit() -> None:
    ledger = fill(12)
    rogue = Series("service 9", "USD", "AWS", "rogue", "region 9")
    assert find_new(ledger, rogue, TODAY, 9.0) == []
    assert find_new(ledger, rogue, TODAY, 11.0) == [("account", 20)]
    assert find_new(ledger, rogue, TODAY + 1, 500.0) == []
    known = Series("service 9", "USD", "AWS", "account 0", "region 0")
    assert find_new(ledger, known, TODAY + 1, 30.0) == [("account,service", 30)]
    assert find_new(ledger, series_of(0), TODAY, 500.0) == []
    ledger.add(entry(series_of(0), TODAY + 20, 20.0))
    assert find_new(ledger, rogue, TODAY + 41, 500.0) == [("account", 500)]


def move(*, gone: bool) -> Ledger:
    """Return a ledger in which a service moves to another region, where it has been small."""
    old, new = Series("db", "USD", "AWS", "account 0", "old"), Series("db", "USD", "AWS", "account 0", "new")
    ledger = fill(4)
    for day in range(FIRST, TODAY):
        ledger.add(entry(new, day, 20.0 + day % 3))
        ledger.add(entry(old, day, 10.0 if gone and day == TODAY - 1 else 100.0 + day % 4))
    ledger.judge(TODAY - 1)
    ledger.add(entry(new, TODAY, 110.0))
    ledger.judge(TODAY)
    return ledger


@pytest.mark.parametrize("gone", [True, False])
def test_the_fall_of_another_region_of_the_service_offsets_a_rise(*, gone: bool) -> None:
    ledger = move(gone=gone)
    rising = Series("db", "USD", "AWS", "account 0", "new").id
    offset = find_falls(ledger, rising, first=TODAY, last=TODAY, rise=89 * UNIT)
    assert (offset is not None and offset.silences) is gone
    group = Group("account", ("account 0",), "USD").id
    assert find_falls(ledger, group, first=TODAY, last=TODAY, rise=89 * UNIT) is None


def test_what_came_in_any_order_is_judged_alike() -> None:
    rng, ledgers = random.Random(3), []
    entries = [
        entry(series_of(number), day, 20 * rng.lognormvariate(0, 0.1), tags={"team": "ml" if number % 2 else "web"})
        for day in range(FIRST, TODAY + 1)
        for number in range(6)
    ] + [entry(series_of(4), TODAY, 90.0)]
    for turn in range(3):
        ledger = Ledger(build("adaptive", 3.0, 10), 100, ("team",))
        for count, each in enumerate(rng.sample(entries, len(entries)) if turn else entries):
            ledger.add(each)
            if turn == 1 and count % 50 == 0:
                ledger.judge(TODAY - 20)
        ledger.judge(TODAY)
        ledgers.append(ledger)
    first, *others = ledgers
    for other in others:
        assert {name: thing.judged for name, thing in other.things.items()} == {
            name: thing.judged for name, thing in first.things.items()
        }


def test_what_is_taken_out_again_was_never_there() -> None:
    ledger, other = fill(3, ("team",)), fill(3, ("team",))
    odd = entry(series_of(1), TODAY - 3, 500.0, tags={"team": "ml"})
    ledger.add(odd)
    ledger.judge(TODAY)
    ledger.add(odd, -1)
    ledger.judge(TODAY)
    assert {name: thing.judged for name, thing in ledger.things.items()} == {
        name: thing.judged for name, thing in other.things.items()
    }
