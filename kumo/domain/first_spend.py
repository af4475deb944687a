"""First spend: something that was never seen before, or not for long, costs much on its first day.

No detector knows it yet, so an amount decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from kumo.domain.denominations import scale_units
from kumo.domain.groups import COMPLETE_DAYS, DIMENSIONS, TAG
from kumo.domain.judging import Cause, Status, Verdict
from kumo.domain.money import units
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus

SERIES: Final = "series"
SILENT_DAYS: Final = 35  # without entries, after which something may be new again: longer than a month
LONGER: Final = 2  # times its longest earlier silence: a quarterly fee is not news each quarter
MOST_RETURNS: Final = 2  # a third return shows a rhythm
AUTO: Final = None
AUTO_SHARE: Final = 0.02
AUTO_UNITS: Final = 10.0


def is_new(earlier: Sequence[int], day: int) -> bool:
    """Return whether something is new on a day; `earlier` are the earlier days with entries, in order.

    It is new without earlier days, and again after a silence of more than 35 days that is more than twice its longest
    earlier one. After a third return from more than 35 days of silence it is no longer new.
    """
    if not earlier:
        return True
    silences = [after - before - 1 for before, after in pairwise(earlier)]
    silence = day - earlier[-1] - 1
    returns = 1 + sum(each > SILENT_DAYS for each in silences)
    return silence > max(SILENT_DAYS, LONGER * max(silences, default=0)) and returns <= MOST_RETURNS


def compute_limit(setting: float | None, usual_day: int | None, complete_days: int, currency: str) -> int | None:
    """Return the micros above which a first day is an anomaly; None if none is.

    `setting` is in units, scaled as denominations are; 0 switches it off, `AUTO` is 2 % of the usual day of `all` and
    at least 10 units. `usual_day` is in micros; `complete_days` are those of the currency's `all`.
    """
    if setting == 0.0 or complete_days < COMPLETE_DAYS:
        return None
    if setting is not AUTO:
        return scale_units(setting, currency)
    return max(round(AUTO_SHARE * abs(usual_day or 0)), scale_units(AUTO_UNITS, currency))


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A series, or a value of a dimension, on a day on which it is new.

    `id` is that of the series or group. `spend` has the amount of each of its series on that day, in micros, by id; for
    a tag value, its part.
    """

    id: str
    dimension: str
    spend: Mapping[str, int] = field(hash=False)

    @property
    def total(self) -> int:
        """What it spent on that day, in micros."""
        return sum(self.spend.values())


@dataclass(frozen=True, slots=True)
class FirstSpend:
    """The unit of a report: a newcomer, or all new values of one tag key; and its new amount, in micros."""

    newcomers: tuple[Newcomer, ...]
    micros: int


def find_first_spends(newcomers: Iterable[Newcomer], limit: int) -> list[FirstSpend]:
    """Return the reports about the newcomers of one day and currency: the broadest of those above the limit.

    A narrower one is reported only if its amount outside of broader ones is also above the limit. Tag values are
    reported together, once for each key.
    """
    large = [each for each in newcomers if each.total > limit]
    covered: dict[str, int] = {}
    tags: dict[str, list[tuple[Newcomer, int]]] = defaultdict(list)
    found = []
    for newcomer in sorted(large, key=lambda each: (_breadth(each.dimension), -each.total, each.id)):
        news = measure_news(newcomer.spend, covered)
        if news <= limit:
            continue
        for series, micros in newcomer.spend.items():
            covered[series] = max(micros, covered.get(series, 0))
        if newcomer.dimension.startswith(TAG):
            tags[newcomer.dimension].append((newcomer, news))
        else:
            found.append(FirstSpend((newcomer,), news))
    listed = [FirstSpend(tuple(each for each, _ in row), sum(news for _, news in row)) for row in tags.values()]
    return sorted([*found, *listed], key=lambda each: (_breadth(each.newcomers[0].dimension), -each.micros))


def measure_news(spend: Mapping[str, int], covered: Mapping[str, int]) -> int:
    """Return how much of what series spent is not in something broader that is new; amounts are in micros, by series.

    What series got back is not news.
    """
    return sum(max(micros - covered.get(series, 0), 0) for series, micros in spend.items())


def is_broader(dimension: str, other: str) -> bool:
    """Return whether news of one dimension are told instead of those of another."""
    return _breadth(dimension) < _breadth(other)


def as_first_spend(period: JudgedPeriod, limit: int) -> JudgedPeriod:
    """Return the verdict on a first spend above a limit in micros: nothing was usual, and no detector decides."""
    return period._replace(
        status=TotalStatus.ANOMALY, usual=0, limit=limit, score=None, cause=Cause.FIRST_SPEND, chance=None
    )


def exceed(verdict: Verdict, limit: int) -> Verdict:
    """Return the verdict on an amount above a limit in micros, whatever a detector says."""
    return replace(
        verdict,
        status=Status.ANOMALY,
        mean=0.0,
        stddev=None,
        z=None,
        score=None,
        threshold=units(limit),
        cause=Cause.FIRST_SPEND,
    )


def _breadth(dimension: str) -> int:
    """Return the place of a dimension from the broadest to the narrowest: tags come after all groups but a series."""
    if dimension.startswith(TAG):
        return len(DIMENSIONS)
    return len(DIMENSIONS) + 1 if dimension == SERIES else DIMENSIONS.index(dimension)
