"""How far the costs of each provider have come: their newest day, and whether it is from a bill."""

from collections.abc import Iterable, Mapping

from kumo.domain.entries import Series
from kumo.domain.names import compare_name
from kumo.domain.totals.completeness import Feed
from kumo.store.client import Store
from kumo.store.commands import hgetall


def name_provider(series: Series) -> str:
    """Return the name of a series' currency and provider in `progress`."""
    return f"{series.currency} {compare_name(series.provider)}"


def read(store: Store) -> dict[str, Feed]:
    """Return the progress of each currency and provider, over all partitions."""
    found = store.many(hgetall(partition.progress) for partition in store.partitions)
    return combine(_parse(row) for row in found)


def combine(rows: Iterable[Mapping[str, Feed]]) -> dict[str, Feed]:
    """Return the newest feed of each provider; of one day that of a bill."""
    newest: dict[str, Feed] = {}
    for row in rows:
        for provider, feed in row.items():
            newest[provider] = max(feed, newest.get(provider, feed))
    return newest


def _parse(row: Mapping[bytes, bytes]) -> dict[str, Feed]:
    feeds = {}
    for provider, text in row.items():
        newest, imported = map(int, text.split()[:2])
        feeds[provider.decode()] = Feed(newest=newest, imported=bool(imported))
    return feeds
