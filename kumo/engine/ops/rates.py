"""The rate limit of API keys: remaining requests in this minute, for all web processes together.

Each count is a write to the broker, which goes to disk before the answer. So a process takes a share
of the minute's requests at once and uses it itself: a hundredth, or one request if the limit is small. No key
exceeds its limit. The rest of a share at the end of the minute is lost, at most one for each thread.

If the broker cannot count, requests are accepted uncounted, because they only need the store.
"""

import logging
import time
from dataclasses import dataclass
from threading import Lock
from typing import Final

import redis
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage

from kumo.jobs import Jobs
from kumo.store import keys

SHARES: Final = 100
# Seconds between two log lines about uncounted requests.
SAID_SECONDS: Final = 60.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Share:
    """The rest of a process's share for a key, the rest of the limit for all others, and the end of the minute."""

    left: int
    others: int
    ends: float


@dataclass(frozen=True, slots=True)
class Rate:
    """The result for a request: whether it is within the limit, how many requests are left, seconds until the reset."""

    within: bool
    remaining: int
    reset: int


class Rates:
    """Counts the requests of each key."""

    def __init__(self, limit: int, jobs: Jobs) -> None:
        """Count up to `limit` a minute in the broker, without connecting yet."""
        self.limit = limit
        self._breaker = jobs.breaker
        self._silent_until = 0.0
        self._item = RateLimitItemPerMinute(limit)
        self._share = max(1, limit // SHARES)
        self._counts = RedisStorage("redis://", connection_pool=jobs.hasty.connection_pool, key_prefix=keys.RATE)
        self._shares: dict[str, _Share] = {}
        self._lock = Lock()

    def spend(self, name: str) -> Rate | None:
        """Count one request of a key; return None if the broker cannot count now."""
        while (rate := self._spend(name)) is None:
            try:
                self._take(name)
            except redis.RedisError as error:
                self._say(error)
                return None
        return rate

    def _say(self, error: redis.RedisError) -> None:
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + SAID_SECONDS
            _log.warning("The broker cannot count requests (%s): they are accepted uncounted.", type(error).__name__)

    def _spend(self, name: str) -> Rate | None:
        """Use one request of the share; None if a new share is needed first."""
        with self._lock:
            share, now = self._shares.get(name), time.time()
            if share is None or share.ends <= now or (share.left == 0 and share.others > 0):
                return None
            within = share.left > 0
            share.left -= int(within)
            return Rate(within, share.left + share.others, int(share.ends) + 1 - int(now))

    def _take(self, name: str) -> None:
        """Take a share of the minute, and add it to the one that another thread may have taken meanwhile."""
        taken, ends = self._breaker.call(lambda: self._count(name))
        got = max(0, self._share - max(0, taken - self.limit))
        with self._lock:
            known = self._shares.get(name)
            left, others = (known.left, known.others) if known and known.ends > time.time() else (0, self.limit)
            self._shares[name] = _Share(left=left + got, others=min(others, max(0, self.limit - taken)), ends=ends)

    def _count(self, name: str) -> tuple[int, float]:
        """Count a share of the minute; return the count, and when the minute ends."""
        window = self._item.key_for(name)
        taken = self._counts.incr(window, self._item.get_expiry(), amount=self._share)
        return taken, self._counts.get_expiry(window)
