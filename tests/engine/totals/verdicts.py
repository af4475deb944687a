"""Verdicts on totals in the store, as judges write them."""

from collections.abc import Mapping

from kumo.domain.judging import Cause
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.services import Services
from kumo.store.commands import hset
from kumo.store.period_codec import pack_period

UNIT = 10**6


def verdict(
    day: int, usual: float, limit: float | None = None, micros: int = 0, cause: Cause | None = None
) -> JudgedPeriod:
    """Return a verdict on a day; amounts are in units."""
    return JudgedPeriod(
        number=day,
        micros=micros,
        status=TotalStatus.ANOMALY if cause else TotalStatus.NORMAL,
        usual=round(usual * UNIT),
        limit=None if limit is None else round(limit * UNIT),
        score=0.0,
        threshold=3.0,
        detector="adaptive",
        cause=cause,
    )


def store_verdicts(services: Services, thing: str, usual: Mapping[int, float], limit: float | None = None) -> None:
    """Store verdicts on the days of a series or group, by what was usual."""
    family = services.store.partition(thing).periods + thing
    services.store.many(
        hset(f"{family}:{day // 256}", day % 256, pack_period(verdict(day, amount, limit)))
        for day, amount in usual.items()
    )
