"""State is a function of the totals: the fold does not depend on how they came about."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.detectors import Detector, build
from kumo.domain.entries import DAY_MS
from kumo.domain.totals import folding
from kumo.domain.totals.alarms import compute_alarm
from kumo.domain.totals.amounts import PeriodTotal, entry_total
from kumo.domain.totals.folding import Direction, TotalStatus
from kumo.domain.window import Window
from tests.domain.detectors.adaptive.folding import arrival, wavering
from tests.domain.totals.things import DETECTORS, FIRST, WINDOW, Thing, thing_of

UNIT = 10**6
AMOUNTS = st.integers(0, 300 * UNIT) | st.sampled_from([0, 100 * UNIT, 101 * UNIT, 99 * UNIT, -50 * UNIT, 10**12])
DAYS = 40
detectors = pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: each.name)


def final(thing: Thing) -> tuple[object, ...]:
    return thing.verdicts, thing.state(), {number: total.micros for number, total in thing.totals.items()}


Story = list[tuple[int, PeriodTotal]]


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[int, int], Story]:
    """Draw the totals in the end, and what led to them in any order: entries added, restated and removed."""
    days = st.integers(FIRST, FIRST + DAYS - 1)
    wanted = draw(st.dictionaries(days, st.lists(AMOUNTS, min_size=1, max_size=3), max_size=DAYS))
    stories: list[Story] = [[(day, entry_total(micros))] for day, entries in wanted.items() for micros in entries]
    for day, first, then in draw(st.lists(st.tuples(days, AMOUNTS, AMOUNTS), max_size=6)):
        restated = PeriodTotal(micros=then - first)
        stories.append([(day, entry_total(first)), (day, restated), (day, entry_total(then).negate())])
    turns = draw(st.permutations([number for number, story in enumerate(stories) for _ in story]))
    left = [iter(story) for story in stories]
    return {day: sum(entries) for day, entries in wanted.items()}, [next(left[number]) for number in turns]


@detectors
@given(history=histories(), data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_verdicts_and_states_follow_from_the_totals_alone(
    detector: Detector[Any], history: tuple[dict[int, int], Story], data: st.DataObject
) -> None:
    totals, story = history
    running = data.draw(st.integers(FIRST, FIRST + DAYS + 5), label="first running day")
    excused = data.draw(st.frozensets(st.integers(FIRST, FIRST + DAYS), max_size=2), label="excused")
    folds = data.draw(st.sets(st.integers(0, len(story))), label="folds")
    size = data.draw(st.sampled_from([1, 5, 256]), label="periods in a slice")
    thing = Thing(detector, data.draw(st.integers(FIRST, FIRST + DAYS), label="running at first"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "MOST_PERIODS", size)
        for turn, (day, change) in enumerate(story):
            thing.change(day, change)
            if turn in folds:
                thing.fold_slice()
        thing.move_on(running)
        for day in excused:
            thing.excuse(day)
        thing.rest()
    once = Thing(detector, running, excused=set(excused))
    for day in sorted(totals):
        once.change(day, entry_total(totals[day]))
    assert final(thing) == final(once.rest())


@detectors
@pytest.mark.parametrize("size", [1, 2, 7])
def test_slices_change_nothing(detector: Detector[Any], size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    amounts = [(FIRST + day, round(micros * UNIT)) for day, micros in enumerate([*wavering(90), 400, *wavering(30)])]
    whole = thing_of(detector, amounts, FIRST + 120)
    monkeypatch.setattr(folding, "MOST_PERIODS", size)
    assert final(thing_of(detector, amounts, FIRST + 120)) == final(whole)
    assert whole.chain == thing_of(detector, amounts, FIRST + 120).chain


@detectors
def test_a_fold_takes_a_bounded_number_of_periods(detector: Detector[Any]) -> None:
    thing = Thing(detector, FIRST + 1000)
    for day in range(600):
        thing.change(FIRST + day, entry_total(100 * UNIT))
    thing.fold_slice()
    assert (thing.folded, thing.dirty) == (256, FIRST + 256)
    thing.rest()
    assert (thing.folded, thing.dirty) == (600, None)


@detectors
def test_a_running_total_is_an_anomaly_at_once_and_learned_only_when_it_is_over(detector: Detector[Any]) -> None:
    amounts = [(FIRST + day, round(micros * UNIT)) for day, micros in enumerate(wavering(60))]
    thing = thing_of(detector, amounts, FIRST + 60)
    learned, today = thing.state(), FIRST + 60
    seen = []
    for _ in range(6):  # six times 40, where 100 a day are usual
        thing.change(today, entry_total(40 * UNIT))
        thing.rest()
        seen.append((thing.verdicts[today].status.value, thing.verdicts[today].direction))
    assert thing.state() == learned
    assert seen[0] == ("running", None)  # a day that has only begun is not low
    assert seen[2:] == [("anomaly", Direction.ABOVE)] * 4
    assert thing.verdicts[today].usual == pytest.approx(100 * UNIT, rel=0.05)
    thing.change(today, PeriodTotal(micros=-140 * UNIT))  # restated below the limit
    assert thing.rest().verdicts[today].status is TotalStatus.RUNNING
    thing.move_on(today + 1)
    assert thing.rest().verdicts[today].status is TotalStatus.NORMAL
    assert thing.chain.frontier == today + 1
    assert (thing.state() != learned) is (detector.name == "adaptive")  # zscore has no state except the window


@detectors
def test_a_day_that_turns_out_to_run_still_is_unlearned(detector: Detector[Any]) -> None:
    amounts = [(FIRST + day, round(micros * UNIT)) for day, micros in enumerate(wavering(60))]
    thing = thing_of(detector, amounts, FIRST + 60)
    thing.move_on(FIRST + 57)
    assert final(thing.rest()) == final(thing_of(detector, amounts, FIRST + 57))


def test_a_low_day_gives_credit_for_late_cost_only_once_it_is_over() -> None:
    amounts = [(FIRST + day, round(micros * UNIT)) for day, micros in enumerate([*wavering(60), 10.0, 185.0])]
    low, next_day = FIRST + 60, FIRST + 61
    thing = thing_of(DETECTORS[1], amounts, low)
    assert thing.verdicts[next_day].status is TotalStatus.ANOMALY
    thing.move_on(next_day)
    assert thing.rest().verdicts[next_day].status is TotalStatus.RUNNING


def test_a_running_day_that_may_bring_any_fee_is_no_anomaly_on_its_way_there() -> None:
    first = FIRST + 58  # 1 December 2024, the first 1st of this thing
    amounts = [
        (first - back, round(micros * UNIT)) for back, micros in zip(range(20, 0, -1), wavering(20), strict=True)
    ]
    thing = thing_of(build("adaptive", 1.5, 5), amounts, first)
    for _ in range(40):
        thing.change(first, entry_total(10 * UNIT))
        assert thing.rest().verdicts[first].status is TotalStatus.RUNNING


def test_what_was_planned_is_expected_and_can_be_taken_back() -> None:
    amounts = [(FIRST + day, round(micros * UNIT)) for day, micros in enumerate([*wavering(60), 150, *wavering(9)])]
    thing = thing_of(DETECTORS[1], [*amounts, (FIRST + 70, 150 * UNIT)], FIRST + 71)
    before = final(thing)
    assert thing.verdicts[FIRST + 70].status is TotalStatus.ANOMALY
    thing.excuse(FIRST + 60)
    assert thing.rest().verdicts[FIRST + 70].status is TotalStatus.NORMAL
    thing.excuse(FIRST + 60)
    assert final(thing.rest()) == before


@detectors
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=60), running=AMOUNTS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_above_the_limit_is_an_anomaly_and_nothing_else(
    detector: Detector[Any], amounts: list[int], running: int
) -> None:
    today = FIRST + len(amounts)
    thing = thing_of(detector, [(FIRST + day, micros) for day, micros in enumerate(amounts)], today)
    window = Window(WINDOW)
    for day, micros in enumerate(amounts):
        window.enter(day, micros)
    expected = detector.expect(
        replace(arrival(today * DAY_MS, 0), baseline=window.moments), detector.unpack(thing.chain.state)
    )
    thing.change(today, entry_total(running))
    thing.rest()
    for each in thing.verdicts.values():
        above = each.limit is not None and each.micros > each.limit
        assert above == (each.status is TotalStatus.ANOMALY)
    alarm, status = compute_alarm(expected.limit), thing.verdicts[today].status
    if alarm is None or running <= alarm:
        assert status is TotalStatus.RUNNING
    elif running > expected.limit + abs(expected.limit) // 10**5 + 10:
        assert status is TotalStatus.ANOMALY


@detectors
def test_rounding_changes_no_verdict(detector: Detector[Any]) -> None:
    """A chain rounds its states now and then; the same detector without a chain does not."""
    amounts = [round(amount * UNIT) for amount in [*wavering(100), 250, *wavering(60), *wavering(40, 180.0)]]
    window, state, statuses, scores = Window(WINDOW), detector.unpack(b""), [], []
    for day, micros in enumerate(amounts):
        start = (FIRST + day) * DAY_MS
        entry = replace(arrival(start, micros), baseline=window.moments)
        verdict, state = detector.judge(entry, state)
        window.enter(start, micros)
        statuses.append(verdict.status.value)
        scores.append(verdict.score or 0.0)
    thing = thing_of(detector, [(FIRST + day, micros) for day, micros in enumerate(amounts)], FIRST + len(amounts))
    assert [period.status.value for period in thing.verdicts.values()] == statuses
    assert [period.score or 0.0 for period in thing.verdicts.values()] == pytest.approx(scores, rel=1e-3, abs=1e-4)


@detectors
def test_after_a_long_silence_only_the_days_since_the_newest_checkpoint_are_folded_again(
    detector: Detector[Any],
) -> None:
    days, today = 100, FIRST + 700
    thing = thing_of(detector, [(FIRST + day, 100 * UNIT) for day in range(days)], today)
    for later in (1, 2, 3):  # days over which nothing comes
        thing.move_on(today + later)
        thing.rest()
    thing.folded = 0
    thing.change(FIRST + days, entry_total(100 * UNIT))
    thing.rest()
    assert thing.folded <= 8 + 1
