"""The places of details and verdicts in hashes: in Python the same as `lua/parts/blocks.lua` in the scripts.

A number identifies one arrival of a partition, so an entry has its place in a block of 128 arrivals. If a store was
filled from one with other partitions, entries of several partitions with the same numbers are now in one partition. So
up to the number in the partition's `moved`, an entry has its place in a block of its series.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kumo.store.client import Store
from kumo.store.commands import Command, get, hmget
from kumo.store.partition import Partition

BLOCK: Final = 128
SERIES_BLOCK: Final = 1024

Name = tuple[str, int]
"""An entry: its series' id and its number."""


def place(family: str, series_id: str, seq: int, moved: int) -> tuple[str, int]:
    """Return the hash of a family, and the field in it, for an entry of a partition."""
    if seq > moved:
        return f"{family}{seq // BLOCK}", seq % BLOCK
    return f"{family}{series_id}:{seq // SERIES_BLOCK}", seq % SERIES_BLOCK


def read(store: Store, family: str, names: Sequence[Name]) -> list[bytes | None]:
    """Read the details or the verdicts of entries, None if there are none: one command for each block.

    `family` is the name of an attribute of `Partition`. Needs a second round trip only if entries were moved.
    """
    partitions = list(dict.fromkeys(store.partition(series_id) for series_id, _ in names))
    reading = _BlockReader(store, family, names)
    numbers = reading.run(range(len(names)), {}, [get(partition.moved) for partition in partitions])
    moved = dict(zip(partitions, (int(number or 0) for number in numbers), strict=True))
    late = [at for at, (series_id, seq) in enumerate(names) if seq <= moved[store.partition(series_id)]]
    if late:
        reading.run(late, moved, [])
    return reading.found


class _BlockReader:
    """Reads some entries."""

    def __init__(self, store: Store, family: str, names: Sequence[Name]) -> None:
        self._store = store
        self._family = family
        self._names = names
        self.found: list[bytes | None] = [None] * len(names)

    def run(
        self, wanted: Iterable[int], moved: Mapping[Partition, int], more: Sequence[Command[bytes | None]]
    ) -> list[bytes | None]:
        """Read the entries at some positions of the list, and run more commands; return the answers to those."""
        hashes: dict[str, list[tuple[int, int]]] = {}
        for at in wanted:
            series_id, seq = self._names[at]
            partition = self._store.partition(series_id)
            key, field = place(getattr(partition, self._family), series_id, seq, moved.get(partition, 0))
            hashes.setdefault(key, []).append((at, field))
        asked: list[Command[list[bytes | None] | bytes | None]] = [*more]
        asked += [hmget(key, *(field for _, field in held)) for key, held in hashes.items()]
        answers = self._store.many(asked)
        blocks = [answer for answer in answers if isinstance(answer, list)]
        for held, values in zip(hashes.values(), blocks, strict=True):
            for (at, _), value in zip(held, values, strict=True):
                self.found[at] = value
        return [answer for answer in answers if not isinstance(answer, list)]
