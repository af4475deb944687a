"""fakeredis in this process, instead of the server: for `make quick`, which starts nothing.

It runs Kumo's scripts in a real Lua and does faithfully what most tests need. It cannot do the following; those tests
are marked `server` and use the real one:

- It lacks `redis.sha1hex`, with which a script compares policies.
- It lacks `INFO`, `CONFIG` and `MEMORY`: health checks, counts of commands, sizes.
- It is never full, and accepts no `#!lua` line with flags for that case.
- It has no disk, no network and one process: no kill, outage, cluster or worker.
- Its scripts are ten times as slow: too slow for races and large stores.
"""

from typing import Final

import redis
from fakeredis import FakeRedis, FakeServer

URL: Final = "redis://fakeredis:6379/0"


def install() -> None:
    """Make every client of this process use one fake server."""
    server = FakeServer(server_type="valkey", version=(8, 1))

    def connect(_: str, *, decode_responses: bool = False, **__: object) -> FakeRedis:
        return FakeRedis(server=server, protocol=2, decode_responses=decode_responses)

    redis.Redis.from_url = connect
