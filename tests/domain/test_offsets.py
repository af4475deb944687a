"""Which falls offset a rise."""

import random

import pytest

from kumo.domain.offsets import Fall, Sibling, find_offset


def sibling(
    usual: int = 100, total: int | None = 0, *, over: bool = True, name: str = "old", **kept: object
) -> Sibling:
    return Sibling(series_id=name, usual=usual, total=total, is_over=over, **kept)


@pytest.mark.parametrize(
    ("siblings", "covered", "silent"),
    [
        ([sibling()], 100, True),
        ([sibling(total=None)], 100, True),  # it has stopped
        ([sibling(total=20)], 80, True),
        ([sibling(total=21)], 79, False),
        ([sibling(usual=500, total=0)], 100, True),  # no more than all of it
        ([sibling(usual=50), sibling(usual=40, name="other")], 90, True),
        ([sibling(), sibling(usual=10, total=40, name="other")], 70, False),  # the rises of others are subtracted
        # A running day that has only begun is not a fall,
        ([sibling(over=False)], None, None),
        ([sibling(over=False, total=None)], None, None),
        # but what had fallen the day before is one, unless it is back,
        ([sibling(over=False, fallen=90)], 90, True),
        ([sibling(over=False, fallen=90, total=130)], None, None),
        # and so is a total that will not grow.
        ([sibling(over=False, total=15, came_whole=True)], 85, True),
        ([sibling(over=False, total=None, came_whole=True)], None, None),
        ([], None, None),
    ],
)
def test_a_fall_of_the_same_service_offsets_a_rise(
    siblings: list[Sibling], covered: int | None, *, silent: bool | None
) -> None:
    offset = find_offset(100, siblings, within_usual=True)
    assert (offset and offset.covered, offset and offset.silences) == (covered, silent)


def test_nothing_is_offset_if_the_service_as_a_whole_rises() -> None:
    assert find_offset(100, [sibling()], within_usual=False) is None


def test_what_fell_is_named_from_the_largest_on() -> None:
    siblings = [sibling(usual=30, name="b"), sibling(usual=60, name="c"), sibling(usual=4, name="d")]
    offset = find_offset(100, siblings, within_usual=True)
    assert offset.falls == (Fall("c", 60), Fall("b", 30))  # four percent are noise


def test_one_fall_does_not_cover_two_rises() -> None:
    rest = [sibling(), sibling(usual=0, total=100, name="twin")]
    assert find_offset(100, rest, within_usual=True) is None


def test_the_noise_of_many_series_covers_little() -> None:
    rng = random.Random(1)
    siblings = [sibling(usual=1000, total=round(rng.gauss(1000, 50)), name=str(number)) for number in range(400)]
    falls = sum(max(each.fall, 0) for each in siblings)
    offset = find_offset(5000, siblings, within_usual=True)
    assert falls > 5000
    assert offset is None or not offset.silences
