"""The total numbers of entries, anomalies and alerts, over all partitions."""

from collections import Counter
from typing import TypeAlias

from kumo.domain.measures import Totals
from kumo.store import keys
from kumo.store.client import Store
from kumo.store.commands import Command, get, hget, hlen, zcard
from kumo.store.partition import Partition

Count: TypeAlias = int | bytes | None


def _commands(p: Partition) -> dict[str, Command[Count]]:
    """Return the commands that count in a partition, by the name of the total."""
    return {
        "arrivals": get(p.seq),
        "judged": get(p.cursor),
        "series": hlen(p.series),
        "open_anomalies": hlen(p.open),
        "anomalies": zcard(p.anomalies),
        "alerts": zcard(p.alerts),
    }


def count(store: Store) -> Totals:
    """Count, in one round trip."""
    asked = [row for partition in store.partitions for row in _commands(partition).items()]
    commands: list[Command[Count]] = [hget(keys.LAYOUT, "skipped"), *(command for _, command in asked)]
    skipped, *answers = store.many(commands)
    sums: Counter[str] = Counter()
    for (name, _), number in zip(asked, answers, strict=True):
        sums[name] += int(number or 0)
    found = Totals(**sums)
    ahead = int(skipped or 0)  # after a restore all partitions continue from the highest number
    return found._replace(arrivals=found.arrivals - ahead, judged=found.judged - ahead)
