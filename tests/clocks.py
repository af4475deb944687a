"""A store whose clock stands still until a test moves it on: what else would a lease of 45 s cost?"""

import time
from typing import Final

from kumo.store.client import Store
from kumo.store.scripts import Scripts

KEY: Final = "test:now"
# Replaces parts/clock.lua. Without a test that sets the clock, it runs normally.
HELD: Final = f"""
local function now()
  local time = redis.call('TIME')
  return tonumber(redis.call('GET', '{KEY}')) or time[1] * 1000 + math.floor(time[2] / 1000)
end
"""


class StoreClock:
    """The clock of a store; every connection to the same server that is held so has the same."""

    def __init__(self, store: Store) -> None:
        self._client = store.client
        object.__setattr__(store, "scripts", Scripts(self._client, {"clock": HELD}))
        if not self._client.exists(KEY):
            self.set(time.time_ns() // 1_000_000)

    @property
    def now(self) -> int:
        """Return its time, in ms since 1970."""
        return int(self._client.get(KEY))

    def set(self, now: int) -> None:
        """Set its time."""
        self._client.set(KEY, now, ex=3600)

    def pass_by(self, seconds: float) -> None:
        """Let this number of seconds pass; a negative number steps back."""
        self.set(self.now + int(seconds * 1000))
