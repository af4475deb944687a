"""A histogram of the times from the arrival of costs until their alerts were sent."""

from typing import Final

from kumo.domain.measures import BOUNDS_MS, DeliveryTimes
from kumo.store.client import Store
from kumo.store.commands import hgetall

# The format of the script.
BOUNDS: Final = " ".join(map(str, BOUNDS_MS))


def read(store: Store) -> DeliveryTimes:
    """Return the histogram over all partitions; counts with unknown bounds are added to the next larger bound."""
    counted: dict[bytes, int] = {}
    for answer in store.many(hgetall(partition.delivery) for partition in store.partitions):
        for name, number in answer.items():
            counted[name] = counted.get(name, 0) + int(number)
    total = counted.pop(b"sum", 0)
    by_bound = {float(name): count for name, count in counted.items()}
    within = tuple(sum(count for bound, count in by_bound.items() if bound <= high) for high in BOUNDS_MS)
    return DeliveryTimes(within, sum(by_bound.values()), total / 1000)
