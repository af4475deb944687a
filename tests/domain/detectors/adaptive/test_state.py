"""Properties of the whole fold: bounded, finite, free of scale, the same however it is cut."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumo.domain.detectors.adaptive.state import NEW, pack, pack_rounded, unpack
from tests.domain.detectors.adaptive.folding import (
    DAY_MS,
    DETECTOR,
    HOUR_MS,
    MONDAY,
    UNIT,
    arrival,
    daily,
    fold,
    wavering,
)

MOST_BYTES = 2048
LARGEST = 10**18
amounts = st.one_of(st.integers(-LARGEST, LARGEST), st.just(0), st.integers(-(10**8), 10**8))
moments = st.one_of(st.integers(0, 400).map(lambda day: MONDAY + day * DAY_MS), st.integers(0, 4_102_444_800_000))
histories = st.lists(st.tuples(moments, amounts), max_size=120)


@settings(deadline=None)
@given(histories)
def test_whatever_arrives_scores_are_finite_and_the_state_is_small(history: list[tuple[int, int]]) -> None:
    verdicts, state = fold(history)
    for verdict in verdicts:
        figures = (verdict.score, verdict.mean, verdict.stddev)
        assert all(math.isfinite(figure) for figure in figures if figure is not None)
        assert verdict.impact is None or abs(verdict.impact) <= 2 * LARGEST
    assert len(pack(state)) <= MOST_BYTES


@settings(deadline=None)
@given(histories, st.integers(0, 120))
def test_packing_in_between_changes_nothing(history: list[tuple[int, int]], cut: int) -> None:
    whole = fold(history)
    first, middle = fold(history[:cut])
    second, last = fold(history[cut:], unpack(pack(middle)))
    assert (first + second, last) == whole


@settings(deadline=None)
@given(histories)
def test_a_rounded_state_is_smaller_and_is_not_rounded_further(history: list[tuple[int, int]]) -> None:
    _, state = fold(history)
    packed = pack_rounded(state)
    rounded = unpack(packed)
    assert pack_rounded(rounded) == packed
    assert unpack(pack(rounded)) == rounded
    assert len(packed) < 0.65 * len(pack(state))
    assert (rounded.cadence.entries, rounded.cadence.newest) == (state.cadence.entries, state.cadence.newest)
    assert rounded.level == pytest.approx(state.level, rel=1e-6)


@settings(deadline=None)
@given(histories, st.integers(0, 120), st.integers(0, 120))
def test_whatever_is_forgiven_can_be_taken_back_later(history: list[tuple[int, int]], cut: int, at: int) -> None:
    _, state = fold(history[:cut])
    entry = arrival(*(history[at % len(history)] if history else (MONDAY, UNIT)))
    _, forgiven = fold(history[cut:], unpack(pack(DETECTOR.forgive(entry, state))))
    _, natural = fold(history[cut:], state)
    assert DETECTOR.take_back(entry, unpack(pack(forgiven))) == natural


@settings(deadline=None)
@given(st.lists(st.integers(-(10**10), 10**10), min_size=1, max_size=80))
def test_another_unit_of_money_changes_no_score(history: list[int]) -> None:
    rows = [(MONDAY + day * DAY_MS, amount) for day, amount in enumerate(history)]
    verdicts, _ = fold(rows)
    scaled, _ = fold([(timestamp, 1000 * amount) for timestamp, amount in rows])
    for one, other in zip(verdicts, scaled, strict=True):
        assert (one.score is None) == (other.score is None)
        assert one.score is None or one.score == pytest.approx(other.score, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    "rows",
    [
        [(MONDAY, LARGEST)] * 300,
        [(MONDAY + day * DAY_MS, 0) for day in range(300)],
        [(MONDAY + day * DAY_MS, -UNIT * day) for day in range(300)],
        daily(wavering(300))[::-1],
        [(MONDAY + hour * HOUR_MS, LARGEST * (-1) ** hour) for hour in range(300)],
    ],
    ids=["one moment", "zero for ever", "credits alone", "newest first", "back and forth"],
)
def test_a_hostile_series_does_no_harm(rows: list[tuple[int, int]]) -> None:
    verdicts, state = fold(rows)
    assert all(verdict.score is None or math.isfinite(verdict.score) for verdict in verdicts)
    assert unpack(pack(state)) == state
    assert len(pack(state)) <= MOST_BYTES


@pytest.mark.parametrize("packed", [b"", b"\xff and whatever follows", b"\x00"])
def test_nothing_and_an_unknown_version_start_afresh(packed: bytes) -> None:
    assert unpack(packed) == NEW
