"""Episodes of a thing: anomalous periods that belong together, from the verdicts alone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kumo.domain.judging import Cause
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A run of anomalous periods, by their numbers; calm ones may lie between.

    `impact` is the sum of the excesses of the anomalous periods, `peak` the largest and `newest` the last of them,
    `usual` the sum of their usual amounts, in micros.
    `chance` is the smallest of their chances, None if none is known; it decides whether the episode raises an alert.
    `cause` is that of the first one, `peak_score` their highest score. `closed`: enough calm periods follow.
    """

    first: int
    last: int
    periods: int
    impact: int
    peak: int
    chance: float | None
    newest: int = 0
    usual: int = 0
    cause: Cause = Cause.THRESHOLD
    peak_score: float = 0.0
    closed: bool = False

    @property
    def impact_percent(self) -> float | None:
        """The impact in percent of the usual amount's size; None if that is zero."""
        return 100 * self.impact / abs(self.usual) if self.usual else None


def find_episodes(judged: Iterable[JudgedPeriod], calm_to_close: int) -> list[Episode]:
    """Return the episodes in some periods of a thing, in order of time; only the last one may be open.

    `calm_to_close` is how many calm periods in a row end one, by the detector. A running period is not calm: it may
    still be an anomaly. After a change, the periods are judged again from the first one of the episode that the change
    may touch: one that ends less than `calm_to_close` periods before it.
    """
    found: list[Episode] = []
    current: Episode | None = None
    calm = 0
    for period in judged:
        if period.status is TotalStatus.ANOMALY:
            current, calm = _extend(current, period), 0
        elif current is not None and period.status is not TotalStatus.RUNNING:
            calm += 1
            if calm >= calm_to_close:
                found.append(replace(current, closed=True))
                current = None
    return [*found, current] if current else found


def _extend(episode: Episode | None, period: JudgedPeriod) -> Episode:
    """Begin an episode with an anomalous period, or add one."""
    usual, impact = period.usual or 0, period.excess
    if episode is None:
        return Episode(
            first=period.number,
            last=period.number,
            periods=1,
            impact=impact,
            peak=impact,
            chance=period.chance,
            newest=impact,
            usual=usual,
            cause=period.cause or Cause.THRESHOLD,
            peak_score=period.score or 0.0,
        )
    chances = [chance for chance in (episode.chance, period.chance) if chance is not None]
    return replace(
        episode,
        last=period.number,
        periods=episode.periods + 1,
        impact=episode.impact + impact,
        peak=max(episode.peak, impact),
        chance=min(chances, default=None),
        newest=impact,
        usual=episode.usual + usual,
        peak_score=max(episode.peak_score, period.score or 0.0),
    )
