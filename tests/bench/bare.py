"""Yardsticks without Python in the way: the recording script from a pipelined client, and the least a script can do."""

import random
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, NoReturn
from urllib.parse import unquote, urlsplit

import hiredis

from kumo.services import Services
from kumo.store import entries as store_entries
from kumo.store.protocol import Client
from kumo.store.scripts import Scripts
from kumo.store.signatures import Argument, Keys

PATIENCE: Final = 120.0

# Four calls an entry, of the kinds that keeping, finding, summing and feeding cannot do without.
LEAST: Final = """
for at = 1, #ARGV, 3 do
  redis.call('ZADD', KEYS[1], ARGV[at + 1], ARGV[at] .. ':' .. ARGV[at + 2])
  redis.call('HSET', KEYS[2], ARGV[at] % 128, ARGV[at + 2])
  redis.call('HSET', KEYS[3], ARGV[at] % 256, ARGV[at + 2])
  redis.call('XADD', KEYS[4], ARGV[at] .. '-0', 'r', ARGV[at + 2])
end
return #ARGV / 3
"""


class Captured(Exception):  # noqa: N818 - an end, not a failure
    """Carries the command that was about to be sent."""

    def __init__(self, command: list[Any]) -> None:
        super().__init__()
        self.command = command


class _Capture:
    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def run(self, script: str, keys: Keys, /, **args: Argument) -> NoReturn:
        raise Captured(self._scripts.command(script, keys, args))


def recording_call(built: Services, partition: int, batch: Sequence[Any]) -> list[object]:
    """Return the command by which record() would record these entries."""
    store = replace(built.store, scripts=_Capture(built.store.scripts))  # type: ignore[arg-type]  # it plays Scripts
    try:
        store_entries.record(store, store.partitions[partition], batch)
    except Captured as captured:
        return captured.command
    raise AssertionError("Nothing was recorded.")


def encoded(commands: Iterable[Sequence[object]]) -> list[bytes]:
    """Write commands as they go over the wire."""
    return [hiredis.pack_command(tuple(map(str, command))) for command in commands]


def pipelined(url: str, commands: Sequence[bytes]) -> float:
    """Send commands without waiting in between; returns the seconds until the last answer."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(PATIENCE)
        link.connect(unquote(urlsplit(url).path))
        reader = hiredis.Reader()
        begun = time.perf_counter()
        for command in commands:
            link.sendall(command)
        left = len(commands)
        while left:
            reader.feed(link.recv(1 << 18))
            while (answer := reader.gets()) is not False:
                assert not isinstance(answer, Exception), answer
                left -= 1
        return time.perf_counter() - begun


def least_calls(client: Client, calls: int, size: int, first: int) -> None:
    """Run the least script so often, with so many entries each; arrivals are numbered from `first` on."""
    names = ["bench:{0}:set", "bench:{0}:details", "bench:{0}:daily", "bench:{0}:stream"]
    script = client.register_script(LEAST)
    chance = random.Random(size)
    for call in range(calls):
        numbers = range(first + call * size, first + (call + 1) * size)
        script(names, [value for number in numbers for value in (number, number, chance.randrange(10**9))])
    client.delete(*names)
