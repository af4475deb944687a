"""The alerts of a history under some settings, and how many of them are right."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from kumo.domain.entries import DAY_MS
from kumo.domain.judging import Status
from kumo.domain.scoring import Score
from kumo.engine.backtest.naming import find_rows
from kumo.engine.backtest.replay import Replay, Sent
from kumo.engine.backtest.rows import History
from kumo.engine.backtest.series_replay import Outcome
from kumo.engine.backtest.tracker import Message
from kumo.settings import Settings

MONTH_DAYS: Final = 365.2425 / 12

_STATUSES: Final = tuple(Status)


@dataclass(slots=True)
class Trial:
    """A replay under some settings: the verdict on each row, and the messages.

    `messages` are those that would be sent, each with the places of its rows: one of each series that it names.
    `anomalies` counts the anomalies that were opened. `score` is None for a history without labels. `alerted` has a 1
    for each row of a message.
    """

    settings: Settings
    messages: Sequence[tuple[Message, tuple[int, ...]]] = field(repr=False)
    anomalies: int
    alerted: bytearray
    score: Score | None
    _statuses: bytearray = field(repr=False)
    _figures: "array[float]" = field(repr=False)

    @property
    def alerts(self) -> int:
        """The number of messages."""
        return len(self.messages)

    def read_outcome(self, place: int) -> Outcome:
        """Return the verdict on a row."""
        z, score = (None if math.isnan(figure) else figure for figure in self._figures[2 * place : 2 * place + 2])
        return Outcome(_STATUSES[self._statuses[place]], z, score)


@dataclass(frozen=True, slots=True)
class Report:
    """The contents of a history, and the results under each of the settings.

    `months` are those of all series together: from the first day of each to its last, both included.
    """

    history: History
    months: float
    trials: Sequence[Trial]


def replay_history(history: History, settings: Sequence[Settings]) -> Report:
    """Judge a history under each of the settings, one after the other."""
    return Report(history, count_months(history), [_try_out(history, chosen) for chosen in settings])


def count_months(history: History) -> float:
    """Return the months of all series together: from the first day to the last, both included, at least a day each."""
    first, last = [math.inf] * len(history.series), [-math.inf] * len(history.series)
    for number, timestamp in zip(history.numbers, history.timestamps, strict=True):
        day = timestamp // DAY_MS
        first[number], last[number] = min(first[number], day), max(last[number], day)
    return sum(end - start + 1 for start, end in zip(first, last, strict=True)) / MONTH_DAYS


def _try_out(history: History, settings: Settings) -> Trial:
    replay, rows = Replay(settings), len(history)
    statuses, alerted, figures = bytearray(rows), bytearray(rows), array("d", [math.nan]) * (2 * rows)
    sent: list[Sent] = []
    for place, (status, z, score) in replay.judge(history.list_arrivals()):
        statuses[place] = _STATUSES.index(status)
        figures[2 * place] = math.nan if z is None else z
        figures[2 * place + 1] = math.nan if score is None else score
        sent += replay.take_messages()
    named = find_rows(history, replay.ledger, sent)
    for each in chain.from_iterable(named):
        alerted[each] = 1
    messages = [(message, tuple(places)) for (message, _), places in zip(sent, named, strict=True)]
    return Trial(settings, messages, replay.tracker.opened, alerted, _score(history, alerted), statuses, figures)


def _score(history: History, alerted: bytearray) -> Score | None:
    if history.labels is None:
        return None
    score = Score()
    for place, labelled in enumerate(history.labels):
        name = history.series[history.numbers[place]].id
        score.count(name, history.timestamps[place], labelled=bool(labelled), alerted=bool(alerted[place]))
    return score
