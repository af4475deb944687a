"""Sixty days of the company up to now, and what happens today. The same for everyone, apart from the date."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Final

from kumo.sample.company import ASSISTANT, FEES, USAGES, Usage

DAYS: Final = 60  # that are over
CALLS: Final = 300  # of the assistant a day
LEAKED_CALLS: Final = 6_000
SO_FAR: Final = 0.4  # of today's costs
SATURDAY: Final = 5

# Somebody left debug logs on: the cost rose this many days ago, and stays.
SHIFT_DAYS: Final = 18
SHIFT: Final = 2.6
_SHIFTED: Final = ("production", "Amazon CloudWatch", "us-east-1")

_SPIKE: Final = 412.5  # one query over a table of years
_MINERS: Final = 8  # machines that nobody of the company has started
_MINER: Final = 31.2

Cost = dict[str, object]


def list_history(now: datetime) -> Iterator[Cost]:
    """Yield the costs of the days that are over, oldest first."""
    for back in range(DAYS, 0, -1):
        yield from _list_day(now, back)


def list_today(now: datetime) -> Iterator[Cost]:
    """Yield what today has cost so far, if nothing happens."""
    yield from _list_day(now, 0)


def make_spike(now: datetime) -> Cost:
    """Return a cost that is seven times its usual day."""
    bigquery = next(usage for usage in USAGES if usage.service == "BigQuery")
    return _cost(bigquery, now, _SPIKE)


def list_leak(now: datetime) -> list[Cost]:
    """Return the calls of somebody with a leaked key: each is as small as ever, and there are twenty times as many."""
    rng = Random("leak")
    return [_cost(ASSISTANT, at, _call(rng)) for at in _spread(_midnight(now), now, LEAKED_CALLS)]


def list_new_region(now: datetime) -> list[Cost]:
    """Return the costs of machines in a region that the company has never used."""
    machine = replace(_find("production", "Amazon EC2", "us-east-1"), region="ap-southeast-3")
    return [_cost(machine, at, _MINER) for at in _spread(_midnight(now), now, _MINERS)]


def _list_day(now: datetime, back: int) -> Iterator[Cost]:
    """Yield the costs of a day by its distance from today. A day that is over has its cost at noon."""
    midnight = _midnight(now) - timedelta(days=back)
    share, at = (1.0, midnight + timedelta(hours=12)) if back else (SO_FAR, now)
    for usage in USAGES:
        yield _cost(usage, at, share * _amount(usage, midnight, back), external_id=f"{midnight:%Y-%m-%d}")
    if midnight.day == 1:
        for fee in FEES:
            yield _cost(fee, at, fee.dollars, external_id=f"{midnight:%Y-%m-%d}")
    rng = Random(f"calls {back}")
    calls = round(share * CALLS * _season(ASSISTANT, midnight) * rng.uniform(0.93, 1.07))
    end = midnight + timedelta(days=1) if back else now
    for moment in _spread(midnight, end, calls):
        yield _cost(ASSISTANT, moment, _call(rng))


def _amount(usage: Usage, day: datetime, back: int) -> float:
    noise = Random(f"{usage.account} {usage.service} {usage.region} {back}").gauss(1.0, usage.spread)
    grown = (1.0 + usage.growth) ** (DAYS - back)
    shifted = SHIFT if back <= SHIFT_DAYS and (usage.account, usage.service, usage.region) == _SHIFTED else 1.0
    return usage.dollars * _season(usage, day) * noise * grown * shifted


def _season(usage: Usage, day: datetime) -> float:
    return usage.weekend if day.weekday() >= SATURDAY else 1.0


def _call(rng: Random) -> float:
    return rng.uniform(0.008, 0.032)


def _spread(begin: datetime, end: datetime, count: int) -> list[datetime]:
    """Return so many times, evenly over a span, in order."""
    return [begin + (end - begin) * place / count for place in range(count)]


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date(), time(), UTC)


def _find(account: str, service: str, region: str) -> Usage:
    wanted = (account, service, region)
    return next(usage for usage in USAGES if (usage.account, usage.service, usage.region) == wanted)


def _cost(usage: Usage, at: datetime, dollars: float, **more: object) -> Cost:
    return {
        "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "provider": usage.provider,
        "account": usage.account,
        "service": usage.service,
        "region": usage.region,
        "amount": round(dollars, 4),
        "currency": "USD",
        "tags": {"team": usage.team},
        **more,
    }
