"""A series at one moment, as lines of an export: the series, then its entries, its anomalies, its alerts.

A line is a dict of JSON values. Texts are copied from the store, packed values as base64: nothing is
parsed and written again, so fields of a newer version are kept. `kumo.store.restore_writer` takes the
lines.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kumo.domain.detectors import LETTERS
from kumo.domain.entries import entry_id, parse_entry_id
from kumo.store import answers, codec
from kumo.store.client import Store, pairs
from kumo.store.partition import Partition
from kumo.store.protocol import Answer
from kumo.store.series import DAYS

# A call reads an entry in about 3 µs: Redis is busy for a few milliseconds.
CALL_ENTRIES: Final = 1000
# A longer series is read in several calls, between which its partition must not change. After this number of tries it
# is read in one call.
CALM_TRIES: Final = 5
NO_SERIES: Final = "-"
_ALL: Final = 2**40
_STATES: Final = tuple(code.decode() for code in LETTERS.values())

Line = dict[str, Any]


class UnjudgedError(Exception):
    """An arrival of the series is not judged yet."""


@dataclass(slots=True)
class Episodes:
    """The ids of the anomalies and alerts of a series."""

    anomalies: dict[str, None] = field(default_factory=dict)
    alerts: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The data of a series at one moment, as returned by `read_series.lua`."""

    series_id: str
    count: int
    kept: list[Answer]
    states: list[Answer]
    days: list[Answer]
    entries: list[Answer]
    anomalies: list[Answer]
    alerts: list[Answer]

    def lines(self) -> Iterator[Line]:
        """Yield the lines."""
        if self.series_id != NO_SERIES:
            yield self._series()
        for row in _rows(self.entries, 5):
            yield self._entry(row)
        for anomaly, text, score, evidence, feedback in _rows(self.anomalies, 5):
            if text:
                more = {"evidence": _text(evidence), "feedback": _text(feedback)}
                yield _line("anomaly", id=_text(anomaly), at=_number(score), text=_text(text), **more)
        for alert, values, raised, due in _rows(self.alerts, 4):
            if values:
                fields = {name.decode(): value.decode() for name, value in pairs(answers.texts(values))}
                yield _line("alert", id=_text(alert), raised=_number(raised), due=_number(due), fields=fields)

    def _series(self) -> Line:
        identity, former, recent, moments, opened = self.kept
        remembered = {letter: _encode(value) for letter, value in zip(_STATES, self.states, strict=True) if value}
        return _line(
            "series",
            id=self.series_id,
            identity=_text(identity),
            former=_text(former),
            recent=_number(recent),
            moments=_text(moments),
            open=_text(opened),
            states=remembered,
            days={answers.number(day): _text(total) for day, total in pairs(self.days)},
        )

    def _entry(self, row: tuple[Answer, ...]) -> Line:
        member, score, rest, verdict, held = row
        text = answers.text(member)
        number, amount = int(text[:10], 16), int(text[11:])
        return _line(
            "entry",
            id=entry_id(self.series_id, number),
            at=_number(score),
            amount=amount,
            rest=_text(rest) or None,
            verdict=_encode(verdict),
            held=_text(held),
        )


def series_of(store: Store, partition: Partition) -> dict[str, Episodes]:
    """Return the episodes by series id of a partition; under `NO_SERIES` the alerts without a series."""
    client = store.client
    ids = (*client.hkeys(partition.series), *client.hkeys(partition.former))
    found = {series_id.decode(): Episodes() for series_id in ids}
    for name, key in (("anomalies", partition.anomalies), ("alerts", partition.alerts)):
        for member, _ in client.zscan_iter(key, count=CALL_ENTRIES):
            episode = member.decode()
            named = parse_entry_id(episode if name == "anomalies" else episode.rpartition("-")[0])
            of_series = found.setdefault(named[0] if named else NO_SERIES, Episodes())
            getattr(of_series, name)[episode] = None
    return found


def read(store: Store, partition: Partition, series_id: str, episodes: Episodes, last_day: int) -> Snapshot:
    """Read a series with its totals up to a day since 1970-01-01; raise `UnjudgedError`.

    Anomalies that were opened since `episodes` were read, and that an entry names, are included.
    """
    reading = _SnapshotReader(store, partition, series_id, episodes, last_day)
    for _ in range(CALM_TRIES):
        found = reading.run(CALL_ENTRIES)
        if found:
            return found
    while True:
        found = reading.run(_ALL)
        if found:
            return found


@dataclass(frozen=True, slots=True)
class _SnapshotReader:
    store: Store
    partition: Partition
    series_id: str
    episodes: Episodes
    last_day: int

    def run(self, size: int) -> Snapshot | None:
        """Read the series, `size` entries in a call; None if it changed between two calls, or if more is to be read."""
        moment, kept, states, days, entries, anomalies, alerts = self._call(0, size)
        found = Snapshot(
            series_id=self.series_id,
            count=answers.number(moment[2]),
            kept=kept,
            states=states,
            days=days,
            entries=entries,
            anomalies=anomalies,
            alerts=alerts,
        )
        while len(found.entries) < 5 * found.count:
            start = len(found.entries) // 5
            later, *parts = self._call(start, size)
            if later != moment:
                return None
            found.entries.extend(parts[3])
        return None if self._learn(found) else found

    def _learn(self, found: Snapshot) -> bool:
        """Add the anomalies that entries name, and the alerts that anomalies count; return whether one was new."""
        named = {codec.anomaly_of(answers.text(row[3])) for row in _rows(found.entries, 5) if row[3]}
        texts = [answers.text(row[1]) for row in _rows(found.anomalies, 5) if row[1]]
        opened = [codec.read_anomaly(self.partition.anomaly, text) for text in texts]
        raised = [f"{anomaly.id}-{number}" for anomaly in opened for number in range(1, anomaly.alerts + 1)]
        known = len(self.episodes.anomalies) + len(self.episodes.alerts)
        self.episodes.anomalies.update(dict.fromkeys(anomaly for anomaly in named if anomaly))
        self.episodes.alerts.update(dict.fromkeys(raised))
        return len(self.episodes.anomalies) + len(self.episodes.alerts) > known

    def _call(self, start: int, size: int) -> list[list[Answer]]:
        answer = self.store.scripts.run(
            "read_series",
            self.partition,
            series=self.series_id,
            first=start,
            last=start + size - 1,
            last_block=self.last_day // DAYS,
            states=[letter + self.series_id for letter in _STATES],
            anomalies=list(self.episodes.anomalies),
            alerts=list(self.episodes.alerts),
        )
        parts = answers.items(answer)
        if parts[0] == b"unjudged":
            raise UnjudgedError
        return [answers.items(part) for part in parts]


def _rows(values: Sequence[Answer], width: int) -> Iterator[tuple[Answer, ...]]:
    return zip(*[iter(values)] * width, strict=True)


def _line(kind: str, **values: Any) -> Line:  # noqa: ANN401 - what JSON can hold
    """Build a line without empty values."""
    return {"kind": kind} | {name: value for name, value in values.items() if value is not None and value != {}}


def _text(value: Answer) -> str | None:
    return None if value is None else answers.text(value).decode()


def _number(value: Answer) -> int | None:
    return answers.optional_number(value)


def _encode(value: Answer) -> str | None:
    return None if value is None else b64encode(answers.text(value)).decode()
