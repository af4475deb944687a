"""The sample in memory: what the default detector finds in it, day by day, without a server."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from kumo.domain.detectors import build
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.findings import DayReview
from kumo.domain.groups import Group
from kumo.domain.ledger import Ledger
from kumo.domain.money import SCALE
from kumo.sample.days import Cost
from kumo.settings import Settings


def sum_by_day(costs: Iterable[Cost]) -> Mapping[int, list[Entry]]:
    """Return one entry a series and day, by day since 1970: its total, which is what is judged."""
    sums: dict[tuple[int, Series, str], float] = defaultdict(float)
    for cost in costs:
        names = [str(cost[name]) for name in ("service", "currency", "provider", "account", "region")]
        day = int(datetime.fromisoformat(str(cost["timestamp"])).timestamp() * 1000) // DAY_MS
        sums[day, Series(*names), str(cost["tags"]["team"])] += float(str(cost["amount"]))  # type: ignore[index]
    found: dict[int, list[Entry]] = defaultdict(list)
    for (day, series, team), dollars in sums.items():
        found[day].append(Entry(series, round(dollars * SCALE), day * DAY_MS, tags={"team": team}))
    return found


class Replay:
    """A ledger that is told of costs, with what is worth an alert."""

    def __init__(self) -> None:
        own = Settings()
        self._ledger = Ledger(build(own.detector, own.threshold, own.min_history), own.window, own.tag_keys)

    def add(self, costs: Iterable[Cost]) -> dict[int, set[str]]:
        """Judge costs day by day; return what is worth an alert, by day and in words."""
        found = {}
        for day, entries in sorted(sum_by_day(costs).items()):
            for entry in entries:
                self._ledger.add(entry)
            self._ledger.judge(day)
            told = [each for each in DayReview(self._ledger, "USD", day).find() if each.reason is None]
            found[day] = {self._describe(name) for finding in told for name in finding.names}
        return found

    def _describe(self, name: str) -> str:
        subject = self._ledger.things[name].subject
        if isinstance(subject, Group):
            return " ".join([subject.dimension, *subject.value])
        return f"{subject.account} {subject.service} {subject.region}"
