"""An explanation gives the usual amount and the rarity of the entry, and never fails, for any series."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumo.domain import moments
from kumo.domain.detectors import DETECTORS
from kumo.domain.entries import DAY_MS
from kumo.domain.evidence import Evidence
from kumo.domain.explaining import Explained, explain
from kumo.domain.judging import Arrival

UNIT = 10**6


def explained(detector: str, amounts: list[int], gap: int = DAY_MS) -> Explained:
    """Explain the last of some amounts in micros, so many ms apart; the first falls on a Thursday."""
    judge = DETECTORS[detector](3.0, 10)
    state = judge.unpack(b"")
    for day, amount in enumerate(amounts):
        arrival = Arrival(
            seq=day + 1,
            series_id="s",
            entry_seq=day + 1,
            timestamp=20_006 * DAY_MS + day * gap,
            amount=amount,
            baseline=moments.of(amounts[:day][-100:]),
        )
        before = state
        _, state = judge.judge(arrival, before)
    return explain(
        Evidence(
            arrival=arrival, policy="", detector=detector, threshold=3.0, min_history=10, state=judge.pack(before)
        ),
        "USD",
        [("i-1", 5 * UNIT)],
    )


@pytest.mark.parametrize("detector", DETECTORS)
def test_it_begins_with_the_verdict_and_names_what_drove_it(detector: str) -> None:
    found = explained(detector, [(100 + day % 3) * UNIT for day in range(40)] + [900 * UNIT])
    assert found.words[0] == found.verdict.reason("USD")
    assert "It consists mostly of i-1 (5.00 USD)." in found.words
    assert found.words[-1].endswith("according to the settings at that time.")


def test_what_was_never_heard_of_is_named_as_that() -> None:
    found = explained("adaptive", [(100 + day % 3) * UNIT for day in range(40)] + [900 * UNIT])
    assert "It is 8.8 times the largest amount before, 102.00 USD." in found.words


def test_a_season_is_named_by_the_days_it_speaks_of() -> None:
    """A daily series has no hours to speak of, whatever slots its weekends are kept in."""
    week = [71, 70, 40, 40, 70, 71, 70]  # from a Thursday
    two_halves = [amount * UNIT for amount in week * 12]
    found = explained("adaptive", [*two_halves, 70 * UNIT, 70 * UNIT, 90 * UNIT])
    assert found.parts is not None
    assert (found.parts.season, found.words[1].split("; ")[1][:14]) == ("weekend", "on weekends it")
    mondays = [amount * UNIT for amount in [70, 70, 70, 71, 20, 70, 70] * 12]
    found = explained("adaptive", [*mondays, *mondays[:4], 90 * UNIT])
    assert found.parts is not None
    assert (found.parts.season, found.words[1].split("; ")[1][:13]) == ("weekday", "on Mondays it")


def test_an_hour_is_named_with_the_days_it_speaks_of() -> None:
    day = [(100 if 8 <= hour < 18 else 50) * UNIT for hour in range(24)]
    found = explained("adaptive", [*(day * 21), *day[:3], 90 * UNIT], gap=DAY_MS // 24)
    assert found.parts is not None
    assert (found.parts.season, found.words[1].split("; ")[1][:32]) == ("hour", "at 03:00 UTC on working days it ")


@pytest.mark.parametrize("detector", DETECTORS)
@settings(deadline=None, max_examples=50)
@given(amounts=st.lists(st.integers(-(10**18), 10**18) | st.sampled_from([0, 0, UNIT]), min_size=1, max_size=40))
def test_every_verdict_can_be_explained(detector: str, amounts: list[int]) -> None:
    assert all(explained(detector, amounts).words)
    assert all(explained(detector, [-abs(amount) for amount in amounts] + [10**15]).words)
