"""Keeping the largest daily totals and adding up the others, so that a chart can show a year of everything."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from kumo.engine.queries.views import DailyTotal

Place = tuple[str, str | None]


def largest(totals: Sequence[DailyTotal], count: int) -> list[DailyTotal]:
    """Keep the `count` keys of each currency with the largest totals; one row a day without a key has the rest.

    Size is measured over all days, by magnitude: a large credit counts as much as a large cost.
    """
    kept = _choose(totals, count)
    rest: dict[tuple[date, str], DailyTotal] = {}
    for row in totals:
        if (row.currency, row.key) not in kept:
            others = rest.get(
                (row.date, row.currency),
                DailyTotal(date=row.date, key=None, currency=row.currency, amount=0, entries=0),
            )
            amount, entries = others.amount + row.amount, others.entries + row.entries
            complete = others.complete and row.complete
            rest[row.date, row.currency] = DailyTotal(
                date=row.date, key=None, currency=row.currency, amount=amount, entries=entries, complete=complete
            )
    return [row for row in totals if (row.currency, row.key) in kept] + list(rest.values())


def _choose(totals: Sequence[DailyTotal], count: int) -> set[Place]:
    sums: Counter[Place] = Counter()
    for row in totals:
        sums[row.currency, row.key] += row.amount
    kept: Counter[str] = Counter()
    chosen: set[Place] = set()
    for currency, key in sorted(sums, key=lambda place: (-abs(sums[place]), str(place[1]))):
        if kept[currency] < count:
            kept[currency] += 1
            chosen.add((currency, key))
    return chosen
