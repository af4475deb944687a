"""Spans of days for computing totals again: together all days, each of a bounded size."""

import pytest

from kumo.store.rebuilding import CALL_ENTRIES, Extent, split_days, split_spans


@pytest.mark.parametrize("entries", [1, CALL_ENTRIES, CALL_ENTRIES + 1, 30 * CALL_ENTRIES, 10**9])
def test_spans_cover_every_day_once(entries: int) -> None:
    spans = list(split_spans(Extent("s", entries=entries, first=20_000, last=20_099, newest=1), 20_200))
    assert [span.first for span in spans] == [0, *(span.last + 1 for span in spans[:-1])]
    assert spans[-1].last == 20_200
    assert len(spans) <= 100
    assert (len(spans) == 1) is (entries <= CALL_ENTRIES)


@pytest.mark.parametrize("series", [0, 1, 625, 100_000])
def test_days_are_covered_once_and_no_call_crosses_a_block(series: int) -> None:
    calls = list(split_days(20_000, 20_600, series))
    assert [day for first, last in calls for day in range(first, last + 1)] == list(range(20_000, 20_601))
    assert all(first // 256 == last // 256 for first, last in calls)
