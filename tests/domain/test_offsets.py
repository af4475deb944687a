"""Which falls offset a rise."""

import random

import pytest

from kumo.domain.offsets import Fall, Rise, Sibling, SiblingDays, find_offset, is_whole_day
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus


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


DAY = 20_000


def days_of(totals: dict[int, int], usual: dict[int, int], entries: int = 1) -> SiblingDays:
    """Return days of a sibling, by their distance from DAY."""
    judged = {
        DAY + place: JudgedPeriod(
            number=DAY + place,
            micros=0,
            status=TotalStatus.NORMAL,
            usual=amount,
            limit=None,
            score=None,
            threshold=3.0,
            detector="adaptive",
        )
        for place, amount in usual.items()
    }
    return SiblingDays({DAY + place: (entries, micros) for place, micros in totals.items()}, judged)


WEEK = dict.fromkeys(range(-7, 0), 100)
OVER = Rise(first=DAY, last=DAY, first_running=DAY + 1)
RUNNING = Rise(first=DAY, last=DAY, first_running=DAY)
WHOLE = Rise(first=DAY, last=DAY, first_running=DAY, is_whole=True)
LASTING = Rise(first=DAY, last=DAY + 20, first_running=DAY + 21)


@pytest.mark.parametrize(
    ("days", "rise", "fall"),
    [
        (days_of({**WEEK, 0: 30}, {**WEEK, 0: 110}), OVER, 80),
        (days_of({**WEEK, 0: 30}, WEEK), OVER, 70),  # the day is not judged yet
        (days_of(WEEK, WEEK), OVER, 100),  # it has stopped
        (days_of({-7: 100, -3: 100, 0: 5}, WEEK), OVER, -5),  # it has entries on few days
        (days_of({**WEEK, 0: 30}, WEEK), RUNNING, 0),
        (days_of({**WEEK, -1: 20, 0: 10}, WEEK), RUNNING, 80),  # it fell on the last day that is over
        (days_of({**WEEK, 0: 30}, WEEK), WHOLE, 70),
        (days_of({**WEEK, 0: 30}, WEEK, entries=2), WHOLE, 0),  # more may come
        (days_of(WEEK, WEEK), WHOLE, 0),  # its entry may come
        # What the detector has learned since does not count.
        (days_of({**WEEK, 0: 30, 20: 31}, {**WEEK, 0: 100, 20: 30}), LASTING, 69),
    ],
)
def test_a_sibling_falls_against_what_was_usual_when_the_rise_began(days: SiblingDays, rise: Rise, fall: int) -> None:
    assert set(days.totals) <= {*rise.days, DAY}
    assert days.describe("old", rise).fall == fall


def test_a_running_day_is_whole_if_all_other_services_nearly_cost_what_is_usual() -> None:
    assert is_whole_day(90, 100)
    assert not is_whole_day(66, 100)
    assert is_whole_day(0, 0)  # there is no other service
