"""The parts of a verdict, as an explanation."""

from dataclasses import dataclass
from typing import Final

from kumo.domain.detectors.adaptive import season
from kumo.domain.detectors.adaptive.cadence import SUB_DAILY
from kumo.domain.detectors.adaptive.curve import unbend
from kumo.domain.detectors.adaptive.reading import Reading
from kumo.domain.detectors.adaptive.state import State
from kumo.domain.money import SCALE

SEASONS: Final = ("none", "weekday", "hour")
WEEKEND: Final = "weekend"  # the rest of the hourly season of a series with one entry a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How an entry was judged; amounts in units of the currency.

    `level` is the usual amount without its season, `season` the season used, `season_factor` its factor on the level,
    `due` the additional cost expected on this day of the month, `credited` late cost that may have arrived, `expected`
    all of it (of a drift: the usual amount before it). `spread` is a share of the expected amount, `z`
    counts spreads, and `limit` is the z that scores 3 in this series. `largest` is the largest earlier amount. `score`
    is compared with `threshold`.
    """

    learning: bool
    level: float
    season: str
    season_factor: float
    due: float
    credited: float
    expected: float
    spread: float
    z: float
    limit: float
    drift_limit: float
    score: float
    threshold: float
    tail_point: float
    tail_excess: float
    largest: float


def explain(reading: Reading, state: State, threshold: float) -> Explanation:
    """Collect the figures of a reading."""
    level = unbend(state.level) * state.scale
    return Explanation(
        learning=reading.learning,
        level=level / SCALE,
        season=_season(reading, state),
        season_factor=reading.usual / level if level else 1.0,
        due=reading.due / SCALE,
        credited=reading.credited / SCALE,
        expected=reading.expected / SCALE,
        spread=reading.spread,
        z=reading.z,
        limit=reading.limit,
        drift_limit=reading.drift_limit,
        score=reading.score,
        threshold=threshold,
        tail_point=state.tail.point,
        tail_excess=state.tail.excess,
        largest=state.largest / SCALE,
    )


def _season(reading: Reading, state: State) -> str:
    """Name the prediction that was used."""
    choice = season.LEVEL if reading.idle else state.errors.best()
    if choice == season.HOUR and state.cadence.pace.per_day < SUB_DAILY:
        return WEEKEND
    return SEASONS[choice]
