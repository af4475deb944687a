"""The chain of checkpoints: what it holds, how far back it folds, and how large it is."""

from typing import Any

import pytest

from kumo.domain.detectors import Detector
from kumo.domain.totals import chain as chains
from kumo.domain.totals.amounts import entry_total
from kumo.domain.totals.periods import Grain
from tests.domain.detectors.adaptive.folding import wavering
from tests.domain.totals.things import DETECTORS, FIRST, WINDOW, thing_of

UNIT = 10**6
detectors = pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: each.name)


@detectors
def test_each_checkpoint_is_what_folding_everything_before_it_gives(detector: Detector[Any]) -> None:
    amounts = [(FIRST + day, round(micros * UNIT)) for day, micros in enumerate(wavering(200))]
    thing = thing_of(detector, amounts, FIRST + 200)
    for back in (1, 9, 70, 150):
        thing.change(FIRST + 200 - back, entry_total(UNIT))
        thing.rest()
    final_totals = [(number, total.micros) for number, total in sorted(thing.totals.items())]
    for before, state in thing.chain.checkpoints:
        assert state == thing_of(detector, final_totals, before).state()


@detectors
@pytest.mark.parametrize(("back", "most"), [(1, 16), (8, 16), (9, 128), (64, 128)])
def test_a_change_of_the_past_folds_again_from_the_nearest_checkpoint(
    detector: Detector[Any], back: int, most: int
) -> None:
    for today in range(FIRST + 300, FIRST + 310):
        amounts = [(day, 100 * UNIT) for day in range(FIRST, today)]
        thing = thing_of(detector, amounts, today)
        thing.folded = 0
        thing.change(today - back, entry_total(UNIT))
        thing.rest()
        assert back <= thing.folded <= most


@detectors
def test_removing_every_entry_leaves_a_new_thing(detector: Detector[Any]) -> None:
    thing = thing_of(detector, [(FIRST + day, 100 * UNIT) for day in range(30)], FIRST + 30)
    for day in range(30):
        thing.change(FIRST + day, entry_total(100 * UNIT).negate())
    thing.rest()
    assert (thing.verdicts, thing.state()) == ({}, b"")


def test_an_hourly_thing_has_three_checkpoints() -> None:
    hours = [(FIRST * 24 + hour, round(micros * UNIT)) for hour, micros in enumerate(wavering(900))]
    thing = thing_of(DETECTORS[1], hours, FIRST * 24 + 900, grain=Grain.HOUR)
    back = [thing.chain.frontier - checkpoint.before for checkpoint in thing.chain.checkpoints]
    assert len(back) == 3
    assert 17 * 24 <= max(back) <= 34 * 24
    assert len(thing.packed) <= 2048


def test_a_chain_has_at_most_two_kilobytes() -> None:
    amounts = [(FIRST + day, round(micros * UNIT)) for day, micros in enumerate(wavering(500))]
    thing = thing_of(DETECTORS[1], amounts, FIRST + 500)
    assert len(thing.chain.checkpoints) == 5
    assert len(thing.packed) <= 2048


@detectors
def test_another_rule_folds_everything_again(detector: Detector[Any]) -> None:
    fingerprint = chains.compute_fingerprint(detector, WINDOW)
    thing = thing_of(detector, [(FIRST, UNIT)], FIRST + 1)
    others = [chains.compute_fingerprint(each, WINDOW) for each in DETECTORS if each is not detector]
    for other in [*others, chains.compute_fingerprint(detector, WINDOW + 1)]:
        assert other != fingerprint
        assert chains.unpack(thing.packed, Grain.DAY, other).checkpoints == ()
    assert chains.unpack(b"", Grain.DAY, fingerprint).frontier == 0
