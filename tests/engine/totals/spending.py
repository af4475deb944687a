"""Entries of several series, by day."""

from collections.abc import Mapping

from kumo.domain.entries import DAY_MS, Entry, Series

UNIT = 10**6


def series_of(number: int, **names: str) -> Series:
    """Return the series of a number: one of eight services, five accounts and three regions."""
    return Series(
        **{
            "service": f"service {number % 8}",
            "currency": "USD",
            "provider": "AWS",
            "account": f"account {number}",
            "region": f"region {number % 3}",
        }
        | names
    )


def spend(number: int, days: Mapping[int, float], tags: Mapping[str, str] | None = None, **names: str) -> list[Entry]:
    """Return the entries of one series: one on each day since 1970, of so many units."""
    series = series_of(number, **names)
    return [
        Entry(series, round(units * UNIT), day * DAY_MS, external_id=f"day {day}", tags=tags or {})
        for day, units in days.items()
    ]
