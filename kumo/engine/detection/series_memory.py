"""The states of the series of a slice before it is judged, and their changes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from kumo.domain.anomalies import Anomaly
from kumo.domain.detectors import Detector
from kumo.domain.first_day import FirstDay
from kumo.domain.judging import WINDOWED
from kumo.services import Services
from kumo.store import states
from kumo.store.partition import Partition


@dataclass(slots=True)
class SeriesMemory:
    """The open anomalies by series, the states of detectors, and the series on their first day.

    A state is unpacked at its first use and packed once, however many arrivals a series has.
    """

    open: dict[str, Anomaly]
    stored: dict[str, bytes] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)
    _learned: dict[str, Detector[Any]] = field(default_factory=dict)
    _first_days: dict[str, FirstDay | None] = field(default_factory=dict)

    def state(self, detector: Detector[Any], series_id: str) -> Any:  # noqa: ANN401 - known to its detector alone
        """Return a detector's state of a series."""
        name = states.name(detector.name, series_id)
        if name not in self._known:
            self._known[name] = detector.unpack(self.stored.get(name, b""))
        return self._known[name]

    def learn(self, detector: Detector[Any], series_id: str, after: Any) -> None:  # noqa: ANN401 - as above
        """Store a detector's new state of a series."""
        name = states.name(detector.name, series_id)
        if after is not self._known.get(name):
            self._known[name], self._learned[name] = after, detector

    def first_day(self, series_id: str) -> FirstDay | None:
        """Return the first day of a series; None if it is over, or was never tracked."""
        if series_id not in self._first_days:
            self._first_days[series_id] = states.read_first_day(self.stored.get(states.first_day_name(series_id), b""))
        return self._first_days[series_id]

    def keep_first_day(self, series_id: str, after: FirstDay | None) -> None:
        """Store the new first day of a series."""
        self._first_days[series_id] = after

    def collect_changes(self) -> dict[str, bytes]:
        """Return the values to store, by name; empty to delete."""
        packed = {name: detector.pack(self._known[name]) for name, detector in self._learned.items()}
        packed |= {
            states.first_day_name(series_id): states.pack_first_day(known)
            for series_id, known in self._first_days.items()
        }
        return {name: text for name, text in packed.items() if text != self.stored.get(name, b"")}


def read(
    services: Services, partition: Partition, detectors: Collection[str], series_ids: Sequence[str]
) -> SeriesMemory:
    """Read the states of series of one partition, for the detectors that may judge them."""
    # `zscore` has no state besides the window.
    remembering = [detector for detector in detectors if detector != WINDOWED]
    names = [states.name(detector, series_id) for detector in remembering for series_id in series_ids]
    if services.settings.new_series_alert:
        names += map(states.first_day_name, series_ids)
    opened, stored = states.read(services.store, partition, series_ids, names)
    return SeriesMemory(opened, stored)
