"""The first day of a series comes back as it was packed."""

import pytest

from kumo.domain.detectors import DETECTORS
from kumo.domain.first_day import FirstDay
from kumo.domain.money import MAX_MICROS
from kumo.store import states


@pytest.mark.parametrize(
    "known",
    [
        None,
        FirstDay(day=0, spent=0, over=False),
        FirstDay(day=20_000, spent=-MAX_MICROS, over=True),
        FirstDay(day=2**31 - 1, spent=2 * MAX_MICROS, over=False),
    ],
)
def test_a_first_day_comes_back_as_it_was_packed(known: FirstDay | None) -> None:
    assert states.read_first_day(states.pack_first_day(known)) == known


def test_what_a_newer_version_added_to_a_first_day_is_left_out() -> None:
    known = FirstDay(day=1, spent=2, over=True)
    assert states.read_first_day(states.pack_first_day(known) + b"more") == known


def test_states_of_detectors_and_the_first_day_have_names_of_their_own() -> None:
    names = [states.first_day_name("s"), *(states.name(detector, "s") for detector in DETECTORS)]
    assert len({*names}) == len(DETECTORS) + 1
