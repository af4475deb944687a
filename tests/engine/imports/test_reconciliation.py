"""Writing rows in calls of bounded size."""

from collections.abc import Sequence

import pytest

from kumo.domain.entries import Entry, Series
from kumo.engine.imports.reconciliation import CALL_PARTS, _calls
from kumo.store.scopes import CALL_ROWS, Place, PlannedEntry

SERIES = Series("EC2", "USD")


def row(parts: int | None) -> PlannedEntry:
    split = {"team": {str(number): 1 for number in range(parts)}} if parts else {}
    return PlannedEntry("scope", Place(SERIES.id, 0), None if parts is None else Entry(SERIES, 1, 0, parts=split))


@pytest.mark.parametrize(
    ("parts", "sizes"),
    [
        ([], []),
        ([0] * (2 * CALL_ROWS + 1), [CALL_ROWS, CALL_ROWS, 1]),
        ([None] * (CALL_ROWS + 1), [CALL_ROWS, 1]),
        ([CALL_PARTS // 4] * 9, [4, 4, 1]),
        ([CALL_PARTS + 1, 1, CALL_PARTS, 1], [1, 1, 1, 1]),
        ([1, CALL_PARTS - 1, None, 1], [3, 1]),
    ],
)
def test_a_call_has_so_many_rows_and_parts(parts: Sequence[int | None], sizes: list[int]) -> None:
    rows = [row(size) for size in parts]
    calls = list(_calls(rows))
    assert list(map(len, calls)) == sizes
    assert [each for call in calls for each in call] == rows
