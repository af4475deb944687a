"""How much there is of everything, over all partitions."""

from typing import NamedTuple

from kumo.store import keys
from kumo.store.client import Store


class Totals(NamedTuple):
    """`arrivals` and `judged` count since the beginning, also through restores; the rest is what there is now."""

    arrivals: int
    judged: int
    series: int
    open_anomalies: int
    anomalies: int
    alerts: int
    due: int


def count(store: Store) -> Totals:
    """Count, in one round trip."""
    skipped, *answers = store.many(
        [["HGET", keys.LAYOUT, "skipped"]]
        + [
            command
            for p in store.partitions
            for command in (
                ["GET", p.seq],
                ["GET", p.cursor],
                ["HLEN", p.series],
                ["HLEN", p.open],
                ["ZCARD", p.anomalies],
                ["ZCARD", p.alerts],
                ["ZCARD", p.due],
            )
        ]
    )
    columns = len(Totals._fields)
    found = Totals(*(sum(int(number or 0) for number in answers[column::columns]) for column in range(columns)))
    ahead = int(skipped or 0)  # a restore lets all partitions go on from the highest number
    return found._replace(arrivals=found.arrivals - ahead, judged=found.judged - ahead)
