"""Adding to the totals of groups what they lack: series that were restored or are older than groups, and tags."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from kumo.domain.entries import Series
from kumo.store import answers, codec, entries, entry_codec, keys, series
from kumo.store.client import Store
from kumo.store.groups import are_complete
from kumo.store.partition import Partition
from kumo.store.series import DAYS
from kumo.store.signatures import Argument, Row
from kumo.store.tag_sets import TagSets

# A call takes some 10 ms a series with a year of days, and nothing else runs in the store meanwhile.
CALL_SERIES: Final = 4
# As many entries as a recording call has.
CALL_ENTRIES: Final = 200


def share(store: Store, most: int, last_day: int) -> bool:
    """Add series that are not part of the totals of their groups yet, at most so many; returns whether all are now.

    No entry is of a day after `last_day`, counted from 1970-01-01.
    """
    if are_complete(store):
        return True
    for partition in store.partitions:
        waiting = list(islice(_find_unshared(store, partition), most))
        for start in range(0, len(waiting), CALL_SERIES):
            asked: dict[str, Argument] = {"last_block": last_day // DAYS, "partitions": len(store.partitions)}
            store.scripts.run("share", partition, **asked, wanted=waiting[start : start + CALL_SERIES])
        most -= len(waiting)
        if most <= 0:
            return False
    store.client.hset(keys.LAYOUT, keys.SHARED, 1)
    return True


def _find_unshared(store: Store, partition: Partition) -> Iterator[Row]:
    """Yield what the script must know of the series without groups."""
    for series_id, text in store.client.hgetall(partition.series).items():
        if len(json.loads(text)) <= codec.GROUPS:
            yield codec.describe(series_id.decode(), codec.read_series(text))


def tag_entries(store: Store) -> Iterator[int]:
    """Add all entries to the groups of their values of the keys in `store.tag_keys`, and to those of no other key.

    Yields after each series how many entries of it were changed. All series must be shared. It may run beside recording
    and at any point again.
    """
    for series_id, identity in series.identities(store, series.matching(store, {})).items():
        yield tag_series(store, series_id, identity)
    store.client.hset(keys.LAYOUT, keys.TAGGED, json.dumps(store.tag_keys))


def tag_series(store: Store, series_id: str, identity: Series) -> int:
    """Add the entries of a series to the groups of their values of tags; return how many were changed."""
    places = [number for number, *_ in entries.history(store, series_id, CALL_ENTRIES)]
    calls = (places[start : start + CALL_ENTRIES] for start in range(0, len(places), CALL_ENTRIES))
    return sum(_tag(store, series_id, identity, some) for some in calls)


def _tag(store: Store, series_id: str, identity: Series, numbers: Sequence[int]) -> int:
    tag_sets = TagSets(store)
    found = entries.read_details(store, [(series_id, number) for number in numbers])
    rows: list[Row] = [
        {
            "seq": number,
            "rest": entry_codec.split_rest(text),
            "tags": tag_sets.take(entry_codec.read_entry(identity, 0, text)),
        }
        for number, text in zip(numbers, found, strict=True)
        if text
    ]
    described = codec.describe(series_id, identity)
    answer = store.scripts.run(
        "tag_entries",
        store.partition(series_id),
        series=series_id,
        identity=described["identity"],
        mark=described["mark"],
        **tag_sets.arguments(),
        entries=rows,
    )
    return answers.number(answer)
