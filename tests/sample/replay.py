"""The sample in memory: what the default detector finds in it, day by day, without a server."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import Group
from kumo.domain.money import SCALE
from kumo.engine.backtest.replay import Replay
from kumo.engine.backtest.rows import History, Row
from kumo.sample.days import Cost
from kumo.settings import Settings


def sum_by_day(costs: Iterable[Cost]) -> Mapping[int, list[Entry]]:
    """Return one entry a series and day, by day since 1970: its total, which is what is judged."""
    sums: dict[tuple[int, Series], float] = defaultdict(float)
    for cost in costs:
        names = [str(cost[name]) for name in ("service", "currency", "provider", "account", "region")]
        day = int(datetime.fromisoformat(str(cost["timestamp"])).timestamp() * 1000) // DAY_MS
        sums[day, Series(*names)] += float(str(cost["amount"]))
    found: dict[int, list[Entry]] = defaultdict(list)
    for (day, series), dollars in sums.items():
        found[day].append(Entry(series, round(dollars * SCALE), day * DAY_MS))
    return found


class Sample:
    """A replay that is told of costs: what it would send messages about, by day."""

    def __init__(self) -> None:
        self._replay = Replay(Settings())
        self._history = History()

    def add(self, costs: Iterable[Cost]) -> dict[int, set[str]]:
        """Judge costs day by day; return what is worth an alert, by day and in words."""
        found = {}
        for day, entries in sorted(sum_by_day(costs).items()):
            for _ in self._replay.judge([self._row(entry) for entry in entries]):
                pass
            found[day] = {self._describe(message.thing_id) for message, _ in self._replay.take_messages()}
        return found

    def _row(self, entry: Entry) -> Row:
        number = self._history.number_series(entry.series.id, entry.series)
        return Row(
            place=0, named=self._history.series[number], timestamp=entry.timestamp, amount=entry.amount, external_id=""
        )

    def _describe(self, name: str) -> str:
        subject = self._replay.ledger.get_subject(name)
        if isinstance(subject, Group):
            return " ".join([subject.dimension, *subject.value])
        return f"{subject.account} {subject.service} {subject.region}"
