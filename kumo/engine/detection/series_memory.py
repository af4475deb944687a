"""What is known of the series of a slice before it is judged, and what of that the slice changes."""

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
    """The open anomalies by series, what detectors remember, and which series are on their first day.

    A detector's state is unpacked when it is first asked for and packed once, however many arrivals a series has.
    """

    open: dict[str, Anomaly]
    stored: dict[str, bytes] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)
    _learned: dict[str, Detector[Any]] = field(default_factory=dict)
    _first_days: dict[str, FirstDay | None] = field(default_factory=dict)

    def state(self, detector: Detector[Any], series_id: str) -> Any:  # noqa: ANN401 - known to its detector alone
        """Return what a detector knows of a series."""
        name = states.name(detector.name, series_id)
        if name not in self._known:
            self._known[name] = detector.unpack(self.stored.get(name, b""))
        return self._known[name]

    def learn(self, detector: Detector[Any], series_id: str, after: Any) -> None:  # noqa: ANN401 - as above
        """Keep what a detector knows of a series now."""
        name = states.name(detector.name, series_id)
        if after is not self._known.get(name):
            self._known[name], self._learned[name] = after, detector

    def first_day(self, series_id: str) -> FirstDay | None:
        """Return what is known of a series' first day; None where it is over, or never was looked at."""
        if series_id not in self._first_days:
            self._first_days[series_id] = states.read_first_day(self.stored.get(states.first_day_name(series_id), b""))
        return self._first_days[series_id]

    def keep_first_day(self, series_id: str, after: FirstDay | None) -> None:
        """Keep what is known of it now."""
        self._first_days[series_id] = after

    def collect_changes(self) -> dict[str, bytes]:
        """Return what is to be stored, by name; empty where it is to go."""
        packed = {name: detector.pack(self._known[name]) for name, detector in self._learned.items()}
        packed |= {
            states.first_day_name(series_id): states.pack_first_day(known)
            for series_id, known in self._first_days.items()
        }
        return {name: text for name, text in packed.items() if text != self.stored.get(name, b"")}


def read(
    services: Services, partition: Partition, detectors: Collection[str], series_ids: Sequence[str]
) -> SeriesMemory:
    """Read what is known of series of one partition, of the detectors that may judge them."""
    # `zscore` remembers nothing beyond the window.
    remembering = [detector for detector in detectors if detector != WINDOWED]
    names = [states.name(detector, series_id) for detector in remembering for series_id in series_ids]
    if services.settings.new_series_alert:
        names += map(states.first_day_name, series_ids)
    opened, stored = states.read(services.store, partition, series_ids, names)
    return SeriesMemory(opened, stored)
