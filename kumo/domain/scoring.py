"""The quality of alerts compared with labels, by event: an event needs exactly one alert."""

from dataclasses import dataclass, field

from kumo.domain.entries import DAY_MS


@dataclass(slots=True)
class _Labels:
    """The progress in one series: whether an event is running and hit, and the days with an alert outside events."""

    inside: bool = False
    hit: bool = False
    false_days: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Score:
    """Events, those that were hit by an alert, and false alarms.

    An event is a run of labelled entries of one series, in order of arrival. A false alarm is a day (UTC) of a series
    with an alert on an entry that is not labelled, however many such alerts the day has.
    """

    events: int = 0
    hits: int = 0
    false_alarms: int = 0
    _series: dict[str, _Labels] = field(default_factory=dict, repr=False)

    def count(self, series_id: str, timestamp: int, *, labelled: bool, alerted: bool) -> None:
        """Count the next entry of a series; `timestamp` in ms."""
        known = self._series.get(series_id) or self._series.setdefault(series_id, _Labels())
        if not labelled:
            known.inside = False
            if alerted and (day := timestamp // DAY_MS) not in known.false_days:
                known.false_days.add(day)
                self.false_alarms += 1
            return
        if not known.inside:
            known.inside, known.hit = True, False
            self.events += 1
        if alerted and not known.hit:
            known.hit = True
            self.hits += 1

    @property
    def precision(self) -> float | None:
        """Events hit among events hit and false alarms; None if there are neither."""
        alarms = self.hits + self.false_alarms
        return self.hits / alarms if alarms else None

    @property
    def recall(self) -> float | None:
        """Events hit among all events; None if there are none."""
        return self.hits / self.events if self.events else None
