"""Which anomalous periods are one episode."""

from typing import Any

import pytest

from kumo.domain.detectors import Detector
from kumo.domain.totals.amounts import PeriodTotal, entry_total
from kumo.domain.totals.episodes import Episode, find_episodes
from tests.domain.detectors.adaptive.folding import wavering
from tests.domain.totals.things import DETECTORS, FIRST, Thing, thing_of

UNIT = 10**6
ADAPTIVE = DETECTORS[1]


def episodes(amounts: list[float], running: int | None = None) -> list[Episode]:
    thing = thing_of(
        ADAPTIVE,
        [(FIRST + day, round(amount * UNIT)) for day, amount in enumerate(amounts)],
        FIRST + (len(amounts) if running is None else running),
    )
    return find_episodes(thing.verdicts.values(), 3)


def test_a_spike_is_an_episode_that_ends_after_three_calm_days() -> None:
    (spike,) = episodes([*wavering(60), 200.0, *wavering(5)])
    assert (spike.first, spike.last, spike.periods, spike.closed) == (FIRST + 60, FIRST + 60, 1, True)
    assert spike.impact == spike.peak == pytest.approx(100 * UNIT, rel=0.05)
    assert 0 < spike.chance < 1e-6


def test_a_pause_of_two_days_does_not_end_it() -> None:
    (twice,) = episodes([*wavering(60), 200.0, 100.0, 101.0, 300.0, 99.0])
    assert (twice.first - FIRST, twice.last - FIRST, twice.periods, twice.closed) == (60, 63, 2, False)
    assert twice.peak == pytest.approx(200 * UNIT, rel=0.05)
    assert twice.impact == pytest.approx(300 * UNIT, rel=0.05)
    two = episodes([*wavering(60), 200.0, 100.0, 101.0, 99.0, 300.0])
    assert [episode.first - FIRST for episode in two] == [60, 64]


def test_a_running_day_may_open_an_episode_and_does_not_end_one() -> None:
    (running,) = episodes([*wavering(60), 200.0], running=60)
    assert (running.first, running.closed) == (FIRST + 60, False)
    (spike,) = episodes([*wavering(60), 200.0, 100.0, 101.0, 5.0], running=63)
    assert not spike.closed


def test_a_calm_thing_has_no_episode() -> None:
    assert episodes(wavering(60)) == []


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: each.name)
@pytest.mark.parametrize("posts", [(0.65, 1.0), (0.2, 0.6, 1.0)])
def test_a_restated_feed_has_the_episodes_of_the_final_one_at_once_and_no_others(
    detector: Detector[Any], posts: tuple[float, ...]
) -> None:
    """Each day comes in posts that restate it, the last one a day later, as bills are delivered."""
    amounts = [*wavering(50), 180.0, *wavering(20), *wavering(8, 190.0), *wavering(20, 185.0)]
    final = [(FIRST + day, round(amount * UNIT)) for day, amount in enumerate(amounts)]
    wanted = find_episodes(thing_of(detector, final, FIRST + len(final)).verdicts.values(), 3)
    thing, seen, totals = Thing(detector, FIRST), {}, dict(final)
    for day, micros in final:
        for part in posts[:-1]:
            restate(thing, day, round(part * micros))
            restate(thing, day - 1, totals.get(day - 1, 0))
            thing.move_on(day - 1)  # a bill of the next day has arrived, and KUMO_SETTLE_DAYS is one
            for episode in find_episodes(thing.rest().verdicts.values(), 3):
                seen.setdefault(episode.first, day)
    restate(thing, *final[-1])
    thing.move_on(FIRST + len(final))
    assert find_episodes(thing.rest().verdicts.values(), 3) == wanted
    assert set(seen) == {episode.first for episode in wanted}
    assert all(day <= first + 1 for first, day in seen.items())


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: each.name)
def test_a_day_that_comes_in_part_and_then_in_full_opens_what_the_full_day_opens(detector: Detector[Any]) -> None:
    """Also where a day really costs less, and the next one makes up for it."""
    amounts = [*wavering(40), 30.0, 165.0, *wavering(20), 170.0, *wavering(9), 20.0, 300.0, *wavering(9)]
    final = [(FIRST + day, round(amount * UNIT)) for day, amount in enumerate(amounts)]
    opened: dict[float, set[int]] = {}
    for part in (1.0, 0.65):
        thing, first = Thing(detector, FIRST), opened.setdefault(part, set())
        for day, micros in [*final, (FIRST + len(final), 0)]:
            restate(thing, day - 1, dict(final).get(day - 1, 0))
            if micros:
                restate(thing, day, round(part * micros))
            thing.move_on(day)
            first |= {episode.first for episode in find_episodes(thing.rest().verdicts.values(), 3)}
    assert opened[1.0] == opened[0.65] >= {FIRST + 62}


def restate(thing: Thing, day: int, micros: int) -> None:
    """Give the one entry of a day another amount, or add it."""
    known = thing.totals.get(day)
    if known is None and day >= FIRST:
        thing.change(day, entry_total(micros))
    elif known is not None:
        thing.change(day, PeriodTotal(micros=micros - known.micros))
