"""The days of a bill that are past the retention."""

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.imports import Import
from kumo.engine.imports import kept_days
from kumo.engine.imports.bill_reader import BillEntries
from kumo.store.scopes import Place

SERIES = Series("EC2", "USD")
DAY = 20_000  # 2024-10-04


def bill(*starts: int) -> BillEntries:
    places = [Place(f"s{number}", start) for number, start in enumerate(starts)]
    wanted = {place.series_id: {place: Entry(SERIES, 1, place.start)} for place in places}
    return BillEntries("a.csv", "d", "focus", "", len(starts), ("a note",), wanted=wanted)


@pytest.mark.parametrize(
    ("starts", "day"), [((), 0), ((DAY * DAY_MS,), DAY), (((DAY + 1) * DAY_MS - 1, DAY * DAY_MS + 5), DAY)]
)
def test_the_first_day_of_a_delivery_begins_at_midnight(starts: tuple[int, ...], day: int) -> None:
    assert kept_days.first_day(bill(*starts)) == day * DAY_MS


@pytest.mark.parametrize(
    ("starts", "since", "count"),
    [
        ((), DAY, 0),
        ((DAY * DAY_MS,), DAY, 0),
        ((DAY * DAY_MS - 1,), DAY, 1),
        (((DAY - 1) * DAY_MS, (DAY - 1) * DAY_MS + 3_600_000), DAY, 1),  # hours of one day, of two series
        (((DAY - 2) * DAY_MS, (DAY - 1) * DAY_MS, DAY * DAY_MS), DAY, 2),
    ],
)
def test_days_before_a_time_are_left_out_and_each_counts_once(starts: tuple[int, ...], since: int, count: int) -> None:
    assert kept_days.count_left_out(bill(*starts), since * DAY_MS) == count


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, None),
        (1, "1 day before 2024-10-04 is older than the retention and does not change"),
        (2, "2 days before 2024-10-04 are older than the retention and do not change"),
    ],
)
def test_an_import_notes_how_many_days_it_leaves_out(days: int, told: str | None) -> None:
    found = bill(DAY * DAY_MS, *((DAY - 1 - number) * DAY_MS for number in range(days)))
    row = kept_days.note_left_out(Import(1, "a.csv", left_out=9, notes=("an old note",)), found, DAY * DAY_MS)
    assert (row.left_out, row.notes) == (days, ("a note", told) if told else ("a note",))


@pytest.mark.parametrize(("first", "noted"), [("2024-10-03", True), ("2024-10-04", False), ("", False)])
def test_a_forgotten_import_notes_that_its_oldest_days_stay_and_notes_it_once(first: str, *, noted: bool) -> None:
    once = kept_days.note_forgotten(Import(1, "a.csv", first_day=first), DAY * DAY_MS)
    assert bool(once.notes) is noted
    assert kept_days.note_forgotten(once, DAY * DAY_MS) == once
