"""Series, their windows and daily totals, as recording leaves them."""

from datetime import date

import pytest

from kumo.domain import moments
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.money import MAX_MICROS
from kumo.store import client, entries, series
from kumo.store.client import Store

EC2, S3, RDS = Series("EC2", "USD", "aws"), Series("S3", "EUR", "aws"), Series("Café", "USD", "gcp")


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=2, window=3)


def record(store: Store, identity: Series, *costs: tuple[int, int]) -> None:
    """Record costs of a series: each with its day and micros."""
    for day, amount in costs:
        entry = Entry(identity, amount, day * DAY_MS)
        entries.record(store, store.partition(identity.id), [(identity.id, entry)])


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [EC2, S3, RDS]),
        ({"provider": "AWS "}, [EC2, S3]),
        ({"provider": "aws", "currency": "EUR"}, [S3]),
        ({"service": "CAFE\u0301"}, [RDS]),
        ({"provider": "aws", "service": "café"}, []),
        ({"region": ""}, [EC2, S3, RDS]),
        ({"service": "*"}, []),
    ],
)
def test_series_are_found_by_all_of_their_names_in_any_spelling(
    store: Store, filters: dict[str, str], found: list[Series]
) -> None:
    for identity in (EC2, S3, RDS):
        record(store, identity, (0, 1))
    assert series.matching(store, filters) == sorted(each.id for each in found)


def test_identities_of_unknown_series_are_left_out_and_repeats_count_once(store: Store) -> None:
    record(store, EC2, (0, 1))
    assert series.identities(store, [EC2.id, S3.id, EC2.id]) == {EC2.id: EC2}
    assert series.identities(store, []) == {}


def test_a_window_has_the_moments_of_its_newest_entries(store: Store) -> None:
    record(store, EC2, (5, 1), (6, -2), (4, MAX_MICROS), (7, -MAX_MICROS))
    window, none = series.windows(store, [EC2.id, S3.id])
    assert window.moments == moments.of([1, -2, -MAX_MICROS])
    assert (window.first_at, window.last_at, window.size) == (4 * DAY_MS, 7 * DAY_MS, 3)
    assert (none.moments, none.first_at, none.last_at, none.size) == (moments.EMPTY, None, None, 0)


def test_amounts_are_newest_first(store: Store) -> None:
    record(store, EC2, (5, 1), (4, -2))
    assert series.amounts(store, EC2.id) == [(5 * DAY_MS, 1), (4 * DAY_MS, -2)]
    assert series.amounts(store, S3.id) == []


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (0, 999, [(0, 1, 7), (255, 1, -7), (256, 2, 2 * MAX_MICROS), (600, 1, 1)]),
        (255, 256, [(255, 1, -7), (256, 2, 2 * MAX_MICROS)]),
        (1, 254, []),
        (256, 255, []),
    ],
)
def test_daily_totals_are_exact_and_within_the_days_asked_for(
    store: Store, first: int, last: int, days: list[tuple[int, int, int]]
) -> None:
    record(store, EC2, (600, 1), (0, 7), (255, -7), (256, MAX_MICROS), (256, MAX_MICROS))
    found = [day for _, some in series.daily(store, [EC2.id, S3.id], first, last) for day in some]
    assert sorted(found) == days


@pytest.mark.parametrize(
    ("timestamp", "day", "written"),
    [
        (0, 0, date(1970, 1, 1)),
        (DAY_MS - 1, 0, date(1970, 1, 1)),
        (DAY_MS, 1, date(1970, 1, 2)),
        (951_782_400_000, 11_016, date(2000, 2, 29)),
    ],
)
def test_a_day_is_counted_in_utc(timestamp: int, day: int, written: date) -> None:
    assert series.day_of(timestamp) == day
    assert series.date_of(day) == written
