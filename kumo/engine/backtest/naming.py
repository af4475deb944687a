"""Which series a message names, and the rows at which it would be sent.

A message about a group names the series that rose most. This is decided at the end, by what their days came to.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from kumo.domain.entries import DAY_MS
from kumo.domain.ledger import Ledger
from kumo.engine.backtest.replay import Sent
from kumo.engine.backtest.rows import History

MOST_NAMED: Final = 3
NAMED_PERCENT: Final = 80  # of the rise, from which on no more series are named


def find_rows(history: History, ledger: Ledger, sent: Sequence[Sent]) -> list[list[int]]:
    """Return the places of the rows at which each message would be sent: one of each series that it names.

    It is the newest row of that series on that day; without one, the row that raised the message.
    """
    named = [name_drivers(ledger, message.thing_id, message.day) for message, _ in sent]
    wanted = {(name, each.message.day) for each, names in zip(sent, named, strict=True) for name in names}
    rows: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    raised = dict.fromkeys((each.arrivals for each in sent), -1)
    for number, row in enumerate(history.list_arrivals(), 1):
        if number in raised:
            raised[number] = row.place
        if (key := (row.named.id, row.timestamp // DAY_MS)) in wanted:
            rows[key].append((number, row.place))
    return [
        [_newest(rows[name, each.message.day], each.arrivals) for name in names if rows[name, each.message.day]]
        or [raised[each.arrivals]]
        for each, names in zip(sent, named, strict=True)
    ]


def _newest(rows: Sequence[tuple[int, int]], arrivals: int) -> int:
    """Return the newest of some rows after a number of arrivals; the first one if none had arrived."""
    return [place for number, place in rows if number <= arrivals or number == rows[0][0]][-1]


def name_drivers(ledger: Ledger, name: str, day: int) -> list[str]:
    """Return the ids of the series that a message about a day of a series or group names, largest rise first."""
    if ledger.find_group(name) is None:
        return [name]
    spend = ledger.spend_by_series(name, day)
    rises = {series: _find_rise(ledger, series, day, micros) for series, micros in spend.items()}
    whole = sum(rises.values())
    period = ledger.get_totals(name).judged.get(day)
    if period is not None and period.usual is not None:
        whole = period.micros - period.usual
    named: list[str] = []
    for series in sorted((each for each in rises if rises[each] > 0), key=lambda each: (-rises[each], each)):
        if len(named) == MOST_NAMED or 100 * sum(rises[each] for each in named) >= NAMED_PERCENT * whole:
            break
        named.append(series)
    return named


def _find_rise(ledger: Ledger, series: str, day: int, micros: int) -> int:
    """Return how much more than usual a series spent; more than on the day before while it is learning."""
    thing = ledger.things[series]
    period = thing.judged.get(day)
    if period is not None and period.usual is not None:
        return micros - period.usual
    earlier = thing.find_earlier(day)
    return micros - (thing.read_total(earlier[-1]) or 0 if earlier else 0)
