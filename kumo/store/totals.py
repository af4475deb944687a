"""How much there is of everything, over all partitions."""

from collections import Counter

from kumo.domain.measures import Totals
from kumo.store import keys
from kumo.store.client import Store
from kumo.store.partition import Partition


def _commands(p: Partition) -> dict[str, list[str]]:
    """Return the commands that count what there is in a partition, by the name of the total."""
    return {
        "arrivals": ["GET", p.seq],
        "judged": ["GET", p.cursor],
        "series": ["HLEN", p.series],
        "open_anomalies": ["HLEN", p.open],
        "anomalies": ["ZCARD", p.anomalies],
        "alerts": ["ZCARD", p.alerts],
        "due": ["ZCARD", p.due],
    }


def count(store: Store) -> Totals:
    """Count, in one round trip."""
    asked = [row for partition in store.partitions for row in _commands(partition).items()]
    skipped, *answers = store.many([["HGET", keys.LAYOUT, "skipped"], *(command for _, command in asked)])
    sums: Counter[str] = Counter()
    for (name, _), number in zip(asked, answers, strict=True):
        sums[name] += int(number or 0)
    found = Totals(**sums)
    ahead = int(skipped or 0)  # a restore lets all partitions go on from the highest number
    return found._replace(arrivals=found.arrivals - ahead, judged=found.judged - ahead)
