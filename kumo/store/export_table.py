"""How an export carries each permanent key. A test compares this table with the list of permanent keys."""

from base64 import b64encode
from collections.abc import Iterator
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from kumo.store import cluster, keys, uploads, watermarks
from kumo.store.client import Store
from kumo.store.snapshots import Line

SCAN_KEYS: Final = 1000


class Way(StrEnum):
    """How a key gets into another store.

    `before` and `after` are keys of the whole store, copied before and after all series are read; `series`
    are in each series, `partition` in each partition. `rebuilt` keys follow from the others.
    """

    BEFORE = "before"
    AFTER = "after"
    SERIES = "series"
    PARTITION = "partition"
    REBUILT = "rebuilt"
    LEFT_OUT = "left out"


class Carried(NamedTuple):
    """How a key is carried, its content in words, and the reason if it is not copied."""

    way: Way
    holds: str
    why: str = ""


TABLE: Final[dict[str, Carried]] = {
    # The rows of imports first: an import that records while series are read then counts as not done, and is done
    # again. The last number and the claims after the series: they must not be lower than those in entries.
    "kumo:uploads": Carried(Way.BEFORE, "uploads"),
    "kumo:imports": Carried(Way.BEFORE, "imports"),
    "kumo:imports:bills": Carried(Way.BEFORE, "imports"),
    "kumo:imports:ended:{kumo:imports}": Carried(Way.BEFORE, "imports"),
    "kumo:imports:number": Carried(Way.AFTER, "imports"),
    "kumo:imports:scopes": Carried(Way.AFTER, "imports"),
    "kumo:imports:accounts:*": Carried(Way.AFTER, "imports"),
    "kumo:imports:account:*": Carried(Way.AFTER, "imports"),
    "kumo:keys": Carried(Way.AFTER, "API keys"),
    "kumo:policies": Carried(Way.AFTER, "policies"),
    "kumo:destination:*": Carried(Way.AFTER, "destinations"),
    "kumo:layout": Carried(Way.AFTER, "the layout"),
    "kumo:requests": Carried(Way.LEFT_OUT, "counts of requests", "they begin at 0, as Prometheus expects of counters"),
    "kumo:workers": Carried(Way.LEFT_OUT, "signs of life", "they are those of the workers of the other store"),
    "kumo:swept": Carried(Way.LEFT_OUT, "sweeps", "the other store is looked through anew"),
    "kumo:{*}:seq": Carried(Way.PARTITION, "arrivals"),
    "kumo:{*}:cursor": Carried(Way.REBUILT, "arrivals", "all is judged, so it equals seq"),
    "kumo:{*}:moved": Carried(Way.PARTITION, "arrivals"),
    "kumo:{*}:closed": Carried(Way.LEFT_OUT, "arrivals", "it is there only while a restore fills the store"),
    "kumo:{*}:pending": Carried(Way.REBUILT, "arrivals", "all is judged, so there is none"),
    "kumo:{*}:series": Carried(Way.SERIES, "series"),
    "kumo:{*}:former": Carried(Way.SERIES, "series"),
    "kumo:{*}:recent": Carried(Way.SERIES, "series"),
    "kumo:{*}:with:*": Carried(Way.REBUILT, "series", "it follows from the names of the series"),
    "kumo:{*}:entries:*": Carried(Way.SERIES, "entries"),
    "kumo:{*}:moments:*": Carried(Way.SERIES, "entries"),
    "kumo:{*}:external:*": Carried(Way.REBUILT, "entries", "it follows from the external_ids of the entries"),
    "kumo:{*}:daily:*": Carried(Way.SERIES, "daily totals"),
    "kumo:{*}:shares:*": Carried(Way.REBUILT, "daily totals", "it follows from the daily totals of the series"),
    "kumo:fleet": Carried(Way.REBUILT, "daily totals", "the next census counts it again"),
    "kumo:census": Carried(Way.LEFT_OUT, "days", "the restored store has its own first census"),
    "kumo:{*}:census": Carried(Way.REBUILT, "daily totals", "the next census chooses again"),
    "kumo:{*}:things": Carried(Way.REBUILT, "daily totals", "the totals are folded again"),
    "kumo:{*}:periods:*": Carried(Way.REBUILT, "daily totals", "the totals are folded again"),
    "kumo:{*}:unfolded": Carried(Way.REBUILT, "series", "everything is folded again"),
    "kumo:{*}:hourly": Carried(Way.LEFT_OUT, "hours", "they are summed up and judged again from the entries"),
    "kumo:{*}:runs": Carried(Way.LEFT_OUT, "days", "each series begins anew: its entries are judged for seven days"),
    "kumo:{*}:episodes:*": Carried(Way.REBUILT, "anomalies", "each anomaly names its last period"),
    "kumo:{*}:version": Carried(Way.LEFT_OUT, "commits", "it only tells a judge that another one was faster"),
    "kumo:{*}:progress": Carried(Way.REBUILT, "series", "it follows from the newest entries of the series"),
    "kumo:{*}:rolled": Carried(Way.LEFT_OUT, "days", "everything is folded again"),
    "kumo:{*}:changed": Carried(Way.LEFT_OUT, "hints", "those who add to shares leave them again"),
    "kumo:{*}:members": Carried(Way.REBUILT, "series", "it follows from the names of the series"),
    "kumo:{*}:tagsets:*": Carried(Way.REBUILT, "entries", "it follows from the tags of the entries"),
    "kumo:{*}:units": Carried(Way.REBUILT, "entries", "it follows from the quantities of the entries"),
    "kumo:{*}:groups:*": Carried(Way.REBUILT, "series", "it follows from the names of the series"),
    "kumo:{*}:retention": Carried(Way.PARTITION, "daily totals"),
    "kumo:{*}:details:*": Carried(Way.SERIES, "entries"),
    "kumo:{*}:verdicts:*": Carried(Way.SERIES, "verdicts"),
    "kumo:{*}:judged:*": Carried(Way.REBUILT, "verdicts", "it follows from the verdicts"),
    "kumo:{*}:newest:*": Carried(Way.REBUILT, "verdicts", "it follows from the verdicts"),
    "kumo:{*}:open": Carried(Way.SERIES, "anomalies"),
    "kumo:{*}:anomaly:*": Carried(Way.SERIES, "anomalies"),
    "kumo:{*}:anomalies": Carried(Way.SERIES, "anomalies"),
    "kumo:{*}:anomalies:*": Carried(Way.REBUILT, "anomalies", "it follows from the statuses of the anomalies"),
    "kumo:{*}:states": Carried(Way.SERIES, "what detectors remember"),
    "kumo:{*}:evidence:*": Carried(Way.SERIES, "anomalies"),
    "kumo:{*}:feedback": Carried(Way.SERIES, "feedback"),
    "kumo:{*}:alert:*": Carried(Way.SERIES, "alerts"),
    "kumo:{*}:alerts": Carried(Way.SERIES, "alerts"),
    "kumo:{*}:alerts:*": Carried(Way.REBUILT, "alerts", "it follows from the statuses of the alerts"),
    "kumo:{*}:delivery": Carried(Way.LEFT_OUT, "delivery times", "they begin at 0, as Prometheus expects of counters"),
    "kumo:{*}:destinations": Carried(Way.REBUILT, "alerts", "it follows from the alerts that are due"),
    "kumo:{*}:due:*": Carried(Way.SERIES, "alerts"),
    "kumo:{*}:scopes": Carried(Way.PARTITION, "imports"),
    "kumo:{*}:scope:*": Carried(Way.SERIES, "imports"),
}

# Fields that belong to one store: its arrangement, its name, the current sender.
OWN_FIELDS: Final = {
    "kumo:layout": frozenset({"version", "partitions", "born", "restoring", "skipped", "passes", "shared", "tagged"}),
    "kumo:destination:*": frozenset({"token", "lease_until"}),
}


def read(store: Store, way: Way) -> Iterator[Line]:
    """Yield the lines of copied keys, field by field."""
    for pattern, row in TABLE.items():
        if row.way is way:
            for key in _matching(store, pattern):
                yield from _lines(store, key, OWN_FIELDS.get(pattern, frozenset()))


def _matching(store: Store, pattern: str) -> list[str]:
    return sorted(key for key in scan_keys(store, pattern)) if "*" in pattern else [pattern]


def _lines(store: Store, key: str, own: frozenset[str]) -> Iterator[Line]:
    if store.client.type(key) == b"string":
        yield {"kind": "text", "key": key, "text": (store.client.get(key) or b"").decode()}
        return
    for field, text in store.client.hscan_iter(key, count=SCAN_KEYS):
        if field.decode() not in own:
            yield {"kind": "field", "key": key, "field": field.decode(), "text": text.decode()}


def pieces(store: Store) -> Iterator[Line]:
    """Yield the bytes of waiting uploads."""
    for upload in uploads.waiting(store):
        for place in range(upload.pieces):
            piece = store.client.get(keys.upload_piece(upload.number, place))
            if piece is not None:
                yield {"kind": "piece", "upload": upload.number, "place": place, "bytes": b64encode(piece).decode()}


def claims(store: Store) -> Iterator[Line]:
    """Yield the claims of scopes, in each partition."""
    for partition in store.partitions:
        for scope, number in store.client.hscan_iter(partition.scopes, count=SCAN_KEYS):
            yield {"kind": "claim", "scope": scope.decode(), "number": int(number)}


def read_watermarks(store: Store) -> Iterator[Line]:
    """Yield the watermark of each partition. Read it after all series."""
    for partition, watermark in watermarks.read(store).items():
        if watermark:
            yield {"kind": "retention", "partition": partition.number, "before": watermark}


def scan_keys(store: Store, pattern: str) -> Iterator[str]:
    """Yield the keys that match a pattern; this reads all keys of each node, so no request may call it."""
    for node in cluster.nodes(store.client).values():
        yield from (key.decode() for key in node.scan_iter(match=pattern.replace("{", "\\{"), count=SCAN_KEYS))


def row_of(key: str) -> Carried | None:
    """Return the table row of a key; None for one with a time to live."""
    return next((row for pattern, row in TABLE.items() if fnmatchcase(key, pattern)), None)
