"""What must come of a series, computed one arrival after the other with the domain alone: no store, no slices."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kumo.domain import anomalies, moments
from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import Anomaly, Earlier
from kumo.domain.detectors import Detector
from kumo.domain.judging import Arrival, Verdict
from kumo.domain.moments import Moments
from tests.chaos.book import BookRow

Place = tuple[int, int]
"""The position of an entry in its series: timestamp, then number of its arrival."""


@dataclass
class Story:
    """A series after all its arrivals.

    No client learns the number of a correction's arrival, and an anomaly is named after the arrival that
    opened it. So anomalies have their own names here, in the order in which they were opened.
    """

    series_id: str
    amounts: dict[int, tuple[int, int]] = field(default_factory=dict)
    order: list[Place] = field(default_factory=list)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    anomalies: dict[str, Anomaly] = field(default_factory=dict)
    alerts: list[tuple[str, int, AlertKind]] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)
    current: Anomaly | None = None
    state: Any = None
    faults: list[str] = field(default_factory=list)

    def window(self, size: int, without: int | None = None) -> Moments:
        """The moments of the newest entries, without one that is corrected (its place stays empty)."""
        return moments.of(self.amounts[seq][1] for _, seq in self.order[-size:] if seq != without)

    def renamed(self, names: Sequence[str]) -> "Story":
        """Give the anomalies the names that Kumo gave them, in order."""
        own = dict(zip(self.anomalies, names, strict=True))
        return replace(
            self,
            anomalies={own[name]: replace(row, id=own[name]) for name, row in self.anomalies.items()},
            verdicts={
                seq: replace(verdict, anomaly=own.get(verdict.anomaly or "")) for seq, verdict in self.verdicts.items()
            },
            alerts=[(own[name], number, kind) for name, number, kind in self.alerts],
        )


def tell(series_id: str, arrivals: Sequence[BookRow], detector: Detector[Any], window: int) -> Story:
    """Fold the arrivals of a series, in order."""
    story = Story(series_id, state=detector.unpack(b""))
    for number, sent in enumerate(arrivals):
        seq = story.named.get(sent.row.external_id)
        if seq is None:
            _add(story, sent, detector, window)
        elif seq != sent.seq:
            story.faults.append(f"{sent.row.external_id} is {sent.id}, and was number {seq} before")
        elif story.amounts[seq][1] != sent.row.amount:
            _correct(story, sent, -1 - number, detector, window)
    return story


def _add(story: Story, sent: BookRow, detector: Detector[Any], window: int) -> None:
    seq, amount = sent.seq, sent.row.amount
    if story.amounts and seq <= next(reversed(story.amounts)):
        story.faults.append(f"{sent.id} is not after what was acknowledged before it was sent")
        return
    arrival = Arrival(
        seq=seq,
        series_id=story.series_id,
        entry_seq=seq,
        timestamp=sent.timestamp,
        amount=amount,
        baseline=story.window(window),
    )
    story.amounts[seq] = (sent.timestamp, amount)
    insort(story.order, (sent.timestamp, seq))
    if sent.row.external_id:
        story.named[sent.row.external_id] = seq
    _judge(story, arrival, detector)


def _correct(story: Story, sent: BookRow, number: int, detector: Detector[Any], window: int) -> None:
    seq, amount = sent.seq, sent.row.amount
    timestamp, _ = story.amounts[seq]
    assert story.order[bisect_left(story.order, (timestamp, seq))] == (timestamp, seq)
    arrival = Arrival(
        seq=number,
        series_id=story.series_id,
        entry_seq=seq,
        timestamp=timestamp,
        amount=amount,
        baseline=story.window(window, without=seq),
    )
    story.amounts[seq] = (timestamp, amount)
    _judge(story, arrival, detector)


def _judge(story: Story, arrival: Arrival, detector: Detector[Any]) -> None:
    before = story.verdicts.get(arrival.entry_seq)
    earlier = Earlier(before, story.anomalies[before.anomaly]) if before and before.anomaly else None
    verdict, story.state = detector.judge(arrival, story.state)
    step = anomalies.step(story.current, arrival, verdict, earlier, detector.calm_to_close(story.state))
    story.verdicts[arrival.entry_seq] = step.verdict
    story.current = step.current
    if step.changed is not None:
        story.anomalies[step.changed.id] = step.changed
        if step.alert is not None:
            story.alerts.append((step.changed.id, step.changed.alerts, step.alert))
