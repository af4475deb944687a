"""What must come of a series, computed one arrival after the other with the domain alone: no store, no slices."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kumo.domain import moments
from kumo.domain.detectors import Detector
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.judging import WINDOWED, Arrival, Verdict
from kumo.domain.moments import Moments
from kumo.domain.window import Window
from kumo.engine.detection.series_memory import RECALLED
from kumo.engine.totals.single_entries import begin_verdict
from tests.chaos.book import BookRow, tags_of

Place = tuple[int, int]
"""The position of an entry in its series: timestamp, then number of its arrival."""

RUN_DAYS: Final = 7


@dataclass
class Story:
    """A series after all its arrivals.

    An entry that is judged by the total of its day has a pending verdict here; the state of the series is forgotten
    then. `run` counts the days that have begun since one had a second entry, `days` the entries of each day.
    """

    series: Series
    size: int
    amounts: dict[int, tuple[int, int]] = field(default_factory=dict)
    order: list[Place] = field(default_factory=list)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    state: Any = None
    is_forgotten: bool = False
    run: int = 0
    days: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def series_id(self) -> str:
        return self.series.id

    def window(self, without: int | None = None) -> Moments:
        """The moments of the newest entries, without one that is corrected (its place stays empty)."""
        return moments.of(self.amounts[seq][1] for _, seq in self.order[-self.size :] if seq != without)

    def entries(self) -> Iterable[Entry]:
        """Yield the entries as they are now."""
        tags = tags_of(self.series)
        return (Entry(self.series, amount, timestamp, tags=tags) for timestamp, amount in self.amounts.values())

    def is_single(self, timestamp: int) -> bool:
        """Return whether an entry of a day, the only one, is judged by the total of the day."""
        return self.days[timestamp // DAY_MS] == 1 and self.run == RUN_DAYS


def tell(series: Series, arrivals: Sequence[BookRow], detector: Detector[Any], window: int) -> Story:
    """Fold the arrivals of a series, in order."""
    story = Story(series, window, state=detector.unpack(b""))
    for number, sent in enumerate(arrivals):
        seq = story.named.get(sent.row.external_id)
        if seq is None:
            _add(story, sent, detector)
        elif seq != sent.seq:
            story.faults.append(f"{sent.row.external_id} is {sent.id}, and was number {seq} before")
        elif story.amounts[seq][1] != sent.row.amount:
            _correct(story, sent, -1 - number, detector)
    return story


def _add(story: Story, sent: BookRow, detector: Detector[Any]) -> None:
    seq, amount = sent.seq, sent.row.amount
    if story.amounts and seq <= next(reversed(story.amounts)):
        story.faults.append(f"{sent.id} is not after what was acknowledged before it was sent")
        return
    day = sent.timestamp // DAY_MS
    story.days[day] += 1
    arrival = Arrival(
        seq=seq,
        series_id=story.series_id,
        entry_seq=seq,
        timestamp=sent.timestamp,
        amount=amount,
        baseline=story.window(),
        single=story.is_single(sent.timestamp),
    )
    story.run = 0 if story.days[day] > 1 else min(story.run + 1, RUN_DAYS)
    story.amounts[seq] = (sent.timestamp, amount)
    insort(story.order, (sent.timestamp, seq))
    if sent.row.external_id:
        story.named[sent.row.external_id] = seq
    _judge(story, arrival, detector)


def _correct(story: Story, sent: BookRow, number: int, detector: Detector[Any]) -> None:
    seq, amount = sent.seq, sent.row.amount
    timestamp, _ = story.amounts[seq]
    assert story.order[bisect_left(story.order, (timestamp, seq))] == (timestamp, seq)
    arrival = Arrival(
        seq=number,
        series_id=story.series_id,
        entry_seq=seq,
        timestamp=timestamp,
        amount=amount,
        baseline=story.window(without=seq),
        single=story.is_single(timestamp),
    )
    story.amounts[seq] = (timestamp, amount)
    _judge(story, arrival, detector)


def _judge(story: Story, arrival: Arrival, detector: Detector[Any]) -> None:
    if arrival.single and detector.name != WINDOWED:
        story.is_forgotten = True
        story.verdicts[arrival.entry_seq] = begin_verdict(arrival, detector)
        return
    if story.is_forgotten:
        story.is_forgotten, story.state = False, _recall(story, arrival, detector)
    story.verdicts[arrival.entry_seq], story.state = detector.judge(arrival, story.state)


def _recall(story: Story, arrival: Arrival, detector: Detector[Any]) -> Any:  # noqa: ANN401 - known to its detector alone
    """Learn the newest entries that came before an arrival."""
    window, state = Window(story.size), detector.unpack(b"")
    for timestamp, seq in [place for place in story.order if place[1] != arrival.entry_seq][-RECALLED:]:
        amount = story.amounts[seq][1]
        earlier = replace(
            arrival, seq=seq, entry_seq=seq, timestamp=timestamp, amount=amount, baseline=window.moments, single=False
        )
        _, state = detector.judge(earlier, state)
        window.enter(timestamp, amount)
    return state
