"""Entries: recording them, and reading them with their verdicts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final, NamedTuple

from kumo.domain.entries import Entry, Series, entry_id
from kumo.domain.judging import Verdict
from kumo.domain.parts import Labels
from kumo.store import answers, blocks, codec, entry_codec
from kumo.store.client import Store, pairs
from kumo.store.commands import hget, range_by_score
from kumo.store.partition import Partition
from kumo.store.signatures import Row
from kumo.store.tag_sets import TagSets

WAKE_MS: Final = 10_000
ONCE_SECONDS: Final = 86_400
LOCATE_ENTRIES: Final = 500
# Series, or entries, for each round trip.
_SERIES: Final = 500
_STEP: Final = 2_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """The result for one entry: `new`, `restated` or `duplicate`; it is judged once the cursor reaches `arrival`.

    `series` is set for a single new entry whose series is stored in another spelling.
    """

    outcome: str
    id: str
    timestamp: int
    arrival: int
    series: Series | None = None


class TimestampConflict(Exception):  # noqa: N818 - an answer of the script, not a failure
    """An external id has another timestamp: the entry's place in the call, and the stored time."""

    def __init__(self, place: int, stored: int) -> None:
        """Keep the place and the stored time."""
        super().__init__(place, stored)
        self.place = place
        self.stored = stored


class PastRetention(Exception):  # noqa: N818 - an answer of the script, not a failure
    """An unknown entry is in a day that the retention has reached: its place in the call, and the watermark."""

    def __init__(self, place: int, watermark: int) -> None:
        """Keep the place and the watermark in ms."""
        super().__init__(place, watermark)
        self.place = place
        self.watermark = watermark


class EntryPlace(NamedTuple):
    """The position of an entry in time: its timestamp, its arrival number, its series."""

    timestamp: int
    seq: int
    series_id: str

    @property
    def id(self) -> str:
        """The entry's id."""
        return entry_id(self.series_id, self.seq)


def place(timestamp: int, entry: str) -> EntryPlace:
    """Return the position of the entry with an id."""
    series_id, _, seq = entry.partition("-")
    return EntryPlace(timestamp, int(seq, 16), series_id)


def record(
    store: Store,
    partition: Partition,
    entries: Sequence[tuple[str, Entry]],
    once: str | None = None,
    quiet_before: int = 0,
) -> tuple[list[Recorded], bool]:
    """Record entries of one partition, each with its series' id.

    Returns the result for each, and whether a judge must be woken. `once` is the digest of the request under its
    Idempotency-Key: a repeat returns the first answer. Entries from before `quiet_before` (ms) raise no
    alerts. Raises `TimestampConflict` and `PastRetention`, without any write.
    """
    places, tag_sets = dict[str, int](), TagSets(store)
    series, rows = list[Row](), list[Row]()
    for series_id, entry in entries:
        if series_id not in places:
            places[series_id] = len(places) + 1
            series.append(codec.describe(series_id, entry.series))
        rows.append(_describe(places[series_id], entry, tag_sets.take(entry)))
    answer = store.scripts.run(
        "record",
        partition,
        window=store.window,
        wake_ms=WAKE_MS,
        once=once or "",
        once_seconds=ONCE_SECONDS,
        quiet_before=quiet_before,
        series=series,
        **tag_sets.arguments(),
        entries=rows,
    )
    outcome, detail, *rest = answers.items(answer)
    if outcome == b"conflict":
        raise TimestampConflict(answers.number(detail), answers.number(rest[0]))
    if outcome == b"past":
        raise PastRetention(answers.number(detail), answers.number(rest[0]))
    texts = zip(entries, map(answers.text, rest), strict=True)
    return [_read_recorded(series_id, text) for (series_id, _), text in texts], detail == 1


def _describe(series: int, entry: Entry, tags: int) -> Row:
    return {
        "series": series,
        "timestamp": entry.timestamp,
        "given": "1" if entry.timestamp_given else "0",
        "amount": entry.amount,
        "external": entry.external_id,
        "tags": tags,
        "rest": entry_codec.dump_rest(entry),
    }


def _read_recorded(series_id: str, text: bytes) -> Recorded:
    outcome, seq, timestamp, arrival, *identity = text.decode().split(" ", 4)
    series = codec.read_series(identity[0]) if identity else None
    return Recorded(outcome, entry_id(series_id, int(seq)), int(timestamp), int(arrival), series)


def last_judged(store: Store, partition: Partition) -> int:
    """Return the last judged arrival of a partition."""
    return int(store.client.get(partition.cursor) or 0)


def read_times(store: Store, wanted: Sequence[tuple[str, str]]) -> list[int | None]:
    """Return the stored timestamp for each (series id, external id), None if it is unknown."""
    found = store.many(hget(store.partition(series).external + series, name) for series, name in wanted)
    places = iter(locate(store, [(series, int(seq)) for (series, _), seq in zip(wanted, found, strict=True) if seq]))
    known = [next(places) if seq else None for seq in found]
    return [place.timestamp if place else None for place in known]


def locate(store: Store, wanted: Sequence[tuple[str, int]]) -> list[EntryPlace | None]:
    """Find the positions in time of entries, given by series id and number; None for unknown ones."""
    found: list[EntryPlace | None] = [None] * len(wanted)
    by_partition: dict[Partition, list[int]] = {}
    for place, (series_id, _) in enumerate(wanted):
        by_partition.setdefault(store.partition(series_id), []).append(place)
    for partition, places in by_partition.items():
        for start in range(0, len(places), LOCATE_ENTRIES):
            chunk = places[start : start + LOCATE_ENTRIES]
            asked: list[Row] = [{"series": wanted[place][0], "seq": wanted[place][1]} for place in chunk]
            times = answers.items(store.scripts.run("find_entry_times", partition, wanted=asked))
            for place, time in zip(chunk, times, strict=True):
                series_id, seq = wanted[place]
                found[place] = None if time is None else EntryPlace(answers.number(time), seq, series_id)
    return found


def read_details(store: Store, places: Sequence[tuple[str, int]]) -> list[bytes | None]:
    """Read the details of entries, given by series id and number; None for removed ones."""
    return blocks.read(store, "details", places)


def contributors(store: Store, places: Sequence[tuple[str, int]]) -> list[tuple[tuple[str, int], ...]]:
    """Read the contributors of entries, given by series id and number; empty if not known."""
    return [entry_codec.read_contributors(text) if text else () for text in read_details(store, places)]


def labels(store: Store, places: Sequence[tuple[str, int]]) -> list[Labels]:
    """Read the tag values of entries, given by series id and number; empty for removed ones."""
    return [entry_codec.read_labels(text) if text else {} for text in read_details(store, places)]


def verdicts(store: Store, places: Sequence[tuple[str, int]]) -> list[Verdict | None]:
    """Read the verdicts of entries, given by series id and number, also those on an earlier amount."""
    return [codec.unpack_verdict(packed) if packed else None for packed in blocks.read(store, "verdicts", places)]


def read(
    store: Store, series: Mapping[str, Series], places: Sequence[EntryPlace]
) -> list[tuple[Entry, Verdict | None] | None]:
    """Read entries with their verdicts, None for removed ones.

    A verdict on another amount is from before a restatement and is ignored.
    """
    names = [(place.series_id, place.seq) for place in places]
    details = blocks.read(store, "details", names)
    verdicts = blocks.read(store, "verdicts", names)
    return [
        (entry_codec.read_entry(series[place.series_id], place.timestamp, text), _current(text, packed))
        if text
        else None
        for place, text, packed in zip(places, details, verdicts, strict=True)
    ]


def _current(text: bytes, packed: bytes | None) -> Verdict | None:
    if packed is None:
        return None
    verdict = codec.unpack_verdict(packed)
    return verdict if verdict and verdict.amount == entry_codec.read_amount(text) else None


def within(store: Store, series_ids: Sequence[str], low: int, high: int, most: int) -> list[EntryPlace]:
    """Return the positions of entries of series between two times (ms, both included): `most` or a few more."""
    found: list[EntryPlace] = []
    for start in range(0, len(series_ids), _SERIES):
        some = series_ids[start : start + _SERIES]
        keys = (store.partition(each).entries + each for each in some)
        spans = store.many(range_by_score("ZRANGEBYSCORE", key, low, high, most) for key in keys)
        found += (
            EntryPlace(int(time), int(member[:10], 16), series_id)
            for series_id, answer in zip(some, spans, strict=True)
            for member, time in pairs(answer)
        )
        if len(found) >= most:
            break
    return found


def read_labelled(store: Store, places: Iterable[EntryPlace]) -> Iterator[tuple[EntryPlace, int, Labels]]:
    """Yield amounts (micros) and tag values of entries, in the order in which they are stored."""
    ordered = sorted(places, key=lambda place: (store.partition(place.series_id).number, place.seq))
    for start in range(0, len(ordered), _STEP):
        some = ordered[start : start + _STEP]
        found = read_details(store, [(place.series_id, place.seq) for place in some])
        yield from ((place, *entry_codec.read_labelled(text)) for place, text in zip(some, found, strict=True) if text)


def history(store: Store, series_id: str, step: int) -> Iterator[tuple[int, int, int]]:
    """Yield every entry of a series as (number, timestamp in ms, micros) by timestamp, `step` in each round trip.

    Entries that are recorded or removed meanwhile may be missing, and an entry may appear twice.
    """
    key = store.partition(series_id).entries + series_id
    for start in count(0, step):
        answer = store.client.zrange(key, start, start + step - 1, withscores=True)
        yield from ((int(member[:10], 16), int(score), int(member[11:])) for member, score in answer)
        if len(answer) < step:
            return
