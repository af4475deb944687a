"""fakeredis in this process, in place of the server: for `make quick`, which starts nothing.

It runs Kumo's scripts in a real Lua and does faithfully what most tests need. What it does not do, with those marked
`server` left to the real one:

- `redis.sha1hex` is not there, by which a script compares policies.
- `INFO`, `CONFIG` and `MEMORY` are not there: health checks, counts of commands, sizes.
- It is never full, and takes no `#!lua` line with flags for that case.
- Nothing is on disk, nothing crosses a network, and there is one process: no kill, outage, cluster or worker.
- Its scripts are ten times as slow: races and large stores are no use here.
"""

from typing import Final

import redis
from fakeredis import FakeRedis, FakeServer

URL: Final = "redis://fakeredis:6379/0"


def install() -> None:
    """Let every client of this process talk to one fake server."""
    server = FakeServer(server_type="valkey", version=(8, 1))

    def connect(_: str, *, decode_responses: bool = False, **__: object) -> FakeRedis:
        return FakeRedis(server=server, protocol=2, decode_responses=decode_responses)

    redis.Redis.from_url = connect
