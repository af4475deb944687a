"""The states of the series of a slice before it is judged, and their changes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from kumo.domain.anomalies import Anomaly
from kumo.domain.detectors import Detector
from kumo.domain.judging import WINDOWED, Arrival
from kumo.domain.window import Window
from kumo.services import Services
from kumo.store import series, states
from kumo.store.partition import Partition

# Entries that a detector learns of a series whose state it does not have.
RECALLED: Final = 500


@dataclass(slots=True)
class SeriesMemory:
    """The open anomalies by series, and the states of detectors.

    A state is unpacked at its first use and packed once, however many arrivals a series has.
    """

    open: dict[str, Anomaly]
    recall: Callable[[Detector[Any], Arrival], Any]
    stored: dict[str, bytes] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)
    _learned: dict[str, Detector[Any]] = field(default_factory=dict)
    _forgotten: set[str] = field(default_factory=set)

    def state(self, detector: Detector[Any], arrival: Arrival) -> Any:  # noqa: ANN401 - known to its detector alone
        """Return a detector's state of a series before an arrival.

        A series with entries but without a state has another detector now, or had one entry a day: it is recalled.
        """
        name = states.name(detector.name, arrival.series_id)
        if name not in self._known:
            packed = b"" if name in self._forgotten else self.stored.get(name, b"")
            is_lost = not packed and arrival.baseline.n and detector.name != WINDOWED
            self._known[name] = self.recall(detector, arrival) if is_lost else detector.unpack(packed)
        return self._known[name]

    def learn(self, detector: Detector[Any], series_id: str, after: Any) -> None:  # noqa: ANN401 - as above
        """Store a detector's new state of a series."""
        name = states.name(detector.name, series_id)
        if after is not self._known.get(name):
            self._known[name], self._learned[name] = after, detector

    def forget(self, detector: Detector[Any], series_id: str) -> None:
        """Delete a detector's state of a series."""
        name = states.name(detector.name, series_id)
        self._known.pop(name, None)
        self._learned.pop(name, None)
        self._forgotten.add(name)

    def collect_changes(self) -> dict[str, bytes]:
        """Return the values to store, by name; empty to delete."""
        packed = {name: detector.pack(self._known[name]) for name, detector in self._learned.items()}
        packed = dict.fromkeys(self._forgotten, b"") | packed
        return {name: text for name, text in packed.items() if text != self.stored.get(name, b"")}


def read(
    services: Services, partition: Partition, detectors: Collection[str], series_ids: Sequence[str]
) -> SeriesMemory:
    """Read the states of series of one partition, for the detectors that may judge them."""
    # `zscore` has no state besides the window.
    remembering = [detector for detector in detectors if detector != WINDOWED]
    names = [states.name(detector, series_id) for detector in remembering for series_id in series_ids]
    opened, stored = states.read(services.store, partition, series_ids, names)
    return SeriesMemory(opened, partial(_recall, services), stored)


def _recall(services: Services, detector: Detector[Any], arrival: Arrival) -> Any:  # noqa: ANN401 - as above
    """Learn the newest entries of a series that came before an arrival."""
    window, state = Window(services.settings.window), detector.unpack(b"")
    for seq, timestamp, micros in series.newest_entries(services.store, arrival.series_id, RECALLED):
        if seq < arrival.seq and seq != arrival.entry_seq:
            earlier = replace(
                arrival, seq=seq, entry_seq=seq, timestamp=timestamp, amount=micros, baseline=window.moments
            )
            _, state = detector.judge(earlier, state)
            window.enter(timestamp, micros)
    return state
