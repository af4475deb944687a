"""Tag sets: to which groups of values of tags an entry belongs, as scripts read it (lua/parts/tag_sets.lua).

A set is a text with an item for each key of `Store.tag_keys`, separated by spaces: the id of a group that gets all of
the entry, or `PLACE=ID,ID…` where the entry is split by the values of the key: PLACE counts from 1 among its parts, and
the ids are in the order of the values. A value that is there in several spellings has the same id each time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from kumo.domain.entries import Entry
from kumo.domain.groups import Group, name_tag_dimension
from kumo.domain.names import compare_name
from kumo.domain.parts import Labels
from kumo.domain.totals.amounts import PeriodTotal, encode_unit, entry_total
from kumo.store.client import Store
from kumo.store.entry_codec import dump_json
from kumo.store.signatures import Argument, Row


def write_tag_set(entry: Entry, tag_keys: Sequence[str]) -> tuple[str, Mapping[str, Group]]:
    """Return the tag set of an entry, and its groups by id; `tag_keys` are in compared form."""
    if entry.parts:
        return _write(entry.labels, entry.series.currency, tag_keys, tuple(map(compare_name, entry.parts)))
    tags = tuple(entry.tags.items()) if entry.tags else ()
    return _write_whole(entry.series.currency, tags, tuple(tag_keys))


@lru_cache(maxsize=20_000)
def _write_whole(
    currency: str, tags: tuple[tuple[str, str], ...], tag_keys: tuple[str, ...]
) -> tuple[str, Mapping[str, Group]]:
    """Return the tag set of an entry whose tags have one value each: many entries have the same."""
    labels: dict[str, Mapping[str, int]] = {}
    for key, value in tags:
        if compare_name(value):
            labels.setdefault(compare_name(key), {value: 0})
    return _write(labels, currency, tag_keys, ())


def _write(
    labels: Labels, currency: str, tag_keys: Sequence[str], keys_of_parts: Sequence[str]
) -> tuple[str, Mapping[str, Group]]:
    items: list[str] = []
    groups: dict[str, Group] = {}
    for key in tag_keys:
        ids = []
        for value in labels.get(key) or ("",):
            group = Group(name_tag_dimension(key), (value,), currency)
            ids.append(group.id)
            groups.setdefault(group.id, group)
        # Of several spellings of a key the last one counts, as in `label`.
        place = len(keys_of_parts) - keys_of_parts[::-1].index(key) if len(set(ids)) > 1 else 0
        items.append(f"{place}={','.join(ids)}" if place else ids[0])
    return " ".join(items), groups


def read_tag_sets(store: Store, series_id: str) -> dict[str, str]:
    """Return the tag sets of a series by the numbers that its entries name."""
    fields = store.client.hgetall(store.partition(series_id).tagsets + series_id)
    return {name.decode(): text.decode() for name, text in fields.items() if name.isdigit()}


def share_by_tags(entry: Entry, tag_set: str) -> dict[str, PeriodTotal]:
    """Return what an entry adds to the groups of a tag set, by id."""
    whole = entry_total(entry.amount, entry.quantity, entry.unit)
    found: dict[str, PeriodTotal] = {}
    for item in tag_set.split():
        place, split, ids = item.partition("=")
        if not split:
            found[item] = whole
            continue
        parts = list(entry.parts.values())[int(place) - 1]
        micros: dict[str, int] = {}
        for group_id, amount in zip(ids.split(","), parts.values(), strict=True):
            micros[group_id] = micros.get(group_id, 0) + amount
        found |= {group_id: entry_total(amount) for group_id, amount in micros.items()}
    return found


class TagSets:
    """The tag sets, and the units of quantities, that a call of a script names, each once."""

    def __init__(self, store: Store) -> None:
        """Begin a call for a partition of a store."""
        self._partitions = len(store.partitions)
        self._tag_keys = store.tag_keys
        self._places: dict[str, int] = {}
        self._groups: dict[str, Group] = {}
        self._units: set[str] = set()

    def take(self, entry: Entry) -> int:
        """Take the set and the unit of an entry; return the place of the set, from 1, or 0 if it has none."""
        if entry.quantity is not None:
            self._units.add(entry.unit)
        if not self._tag_keys:
            return 0
        text, groups = write_tag_set(entry, self._tag_keys)
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self._places) + 1
            for group_id, group in groups.items():
                self._groups.setdefault(group_id, group)
        return place

    def arguments(self) -> dict[str, Argument]:
        """Return these arguments of the script, with the number of partitions, which tells the homes of groups."""
        units: list[Row] = [{"name": dump_json(unit), "code": encode_unit(unit)} for unit in self._units]
        values = list(self._describe_values())
        return {"partitions": self._partitions, "units": units, "tagsets": list(self._places), "values": values}

    def _describe_values(self) -> Iterator[Row]:
        for group_id, group in self._groups.items():
            names = json.dumps([group.currency, *group.value], ensure_ascii=False)
            yield {"id": group_id, "dimension": group.dimension, "names": names}
