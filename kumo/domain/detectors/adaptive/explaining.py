"""The parts of a verdict, for whoever asks why."""

from dataclasses import dataclass
from typing import Final

from kumo.domain.detectors.adaptive import season
from kumo.domain.detectors.adaptive.cadence import SUB_DAILY
from kumo.domain.detectors.adaptive.curve import unbend
from kumo.domain.detectors.adaptive.reading import Reading
from kumo.domain.detectors.adaptive.state import State
from kumo.domain.money import SCALE

SEASONS: Final = ("none", "weekday", "hour")
WEEKEND: Final = "weekend"  # what is left of the hours of a day where a series has but one


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How an entry was judged; amounts in units of the currency.

    `level` is usual without its season, `season` which one was used, `season_factor` what it makes of the level,
    `due` what this day of the month may cost beyond it, `credited` late cost that may have come, `expected` all of it
    (under `drifting`: what was usual before the drift). `spread` is a share of the expected, `z` counts spreads, and
    `limit` is the z that scores 3 in this series: how rare is rare. `largest` is that of the amounts before. `score` is
    compared with `threshold`.
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
    drifting: bool
    drift_limit: float
    score: float
    threshold: float
    tail_point: float
    tail_excess: float
    largest: float


def explain(reading: Reading, state: State, threshold: float) -> Explanation:
    """Put the figures of a reading into words' order."""
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
        drifting=reading.drifting,
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
