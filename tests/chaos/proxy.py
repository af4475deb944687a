"""A proxy that passes a request on and loses its reply: the one failure after which the result is unknown."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from tests.chaos import lifeline
from tests.chaos.journal import LOSS, Journal

CHUNK: Final = 65_536
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Proxy:
    """Passes bytes on between a port and a target; every few seconds a reply never comes back."""

    def __init__(self, role: str, connect: Connect, journal: Journal, seed: int, seconds: float) -> None:
        self._role = role
        self._connect = connect
        self._journal = journal
        self._rng = random.Random(f"{seed} {role} proxy")
        self._seconds = seconds
        self._next = self._later()

    def _later(self) -> float:
        return time.monotonic() + self._rng.expovariate(1 / self._seconds)

    async def serve(self, port: int) -> None:
        """Serve until cancelled."""
        async with await asyncio.start_server(self._pass, "127.0.0.1", port) as server:
            await server.serve_forever()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        ways = [asyncio.ensure_future(self._there(reader, forth)), asyncio.ensure_future(self._back(back, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for transport in (writer.transport, forth.transport):
            transport.abort()
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK):
            if time.monotonic() >= self._next and not self._journal.is_calm():
                self._next = self._later()
                self._journal.write(LOSS, self._role, "reply")
                return
            writer.write(chunk)
            await writer.drain()


def run(journal_path: str, seed: int, socket: str, redis_port: int, web_port: int, proxied_port: int) -> None:
    """Run in front of Redis and of the web until the harness ends."""
    lifeline.hold()
    journal = Journal(Path(journal_path))
    redis = Proxy("redis", lambda: asyncio.open_unix_connection(socket), journal, seed, 3.0)
    web = Proxy("web", lambda: asyncio.open_connection("127.0.0.1", proxied_port), journal, seed, 1.5)

    async def both() -> None:
        await asyncio.gather(redis.serve(redis_port), web.serve(web_port))

    asyncio.run(both())
