"""The last number of arrivals in each partition, and its change with the number of partitions."""

from collections.abc import Mapping
from dataclasses import dataclass

from kumo.store import keys
from kumo.store.client import Store
from kumo.store.commands import get, hget
from kumo.store.partition import Partition


@dataclass(frozen=True, slots=True)
class ArrivalNumbers:
    """The last number of each partition.

    `moved` is the number up to which entries came from another store. `skipped` is the difference between the numbers
    and the count of arrivals, after partitions were joined.
    """

    seqs: Mapping[int, int]
    moved: int = 0
    skipped: int = 0

    def into(self, partitions: int) -> "ArrivalNumbers":
        """Return the numbers of a store with so many partitions that is filled from this one."""
        if partitions == len(self.seqs):
            return self
        highest = max(self.seqs.values(), default=0)
        # If the number is a multiple, each partition gets series of only one old partition: their numbers already
        # differ.
        moved = highest if partitions % len(self.seqs) else self.moved
        skipped = self.skipped + partitions * highest - sum(self.seqs.values())
        return ArrivalNumbers(dict.fromkeys(range(partitions), highest), moved, skipped)


def read(store: Store) -> ArrivalNumbers:
    """Read the numbers of a store."""
    asked = [get(key) for p in store.partitions for key in (p.seq, p.moved)]
    skipped, *numbers = (int(number or 0) for number in store.many([hget(keys.LAYOUT, "skipped"), *asked]))
    return ArrivalNumbers(dict(enumerate(numbers[::2])), max(numbers[1::2]), skipped)


def read_last(store: Store, partition: Partition) -> int:
    """Return the last number of a partition."""
    return int(store.client.get(partition.seq) or 0)
