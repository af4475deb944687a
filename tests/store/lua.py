"""The global variables that a Lua text reads and writes, according to the server's compiler."""

import struct
from typing import Final

from redis import Redis

# Lua 5.1: its opcodes, and how it writes a function down on a 64-bit machine.
GET_GLOBAL: Final = 5
SET_GLOBAL: Final = 7
HEADER_BYTES: Final = 12
CONSTANT_BYTES: Final = {0: 0, 1: 1, 3: 8}
TEXT: Final = 4


def globals_of(server: Redis, text: str) -> set[str]:
    """Return the names of the global variables in a Lua text; raise if it is not Lua."""
    dumped = server.eval("return string.dump(assert(loadstring(ARGV[1])))", 0, text)
    assert isinstance(dumped, bytes)
    reader = _Reader(dumped)
    reader.read_function()
    return reader.globals


class _Reader:
    def __init__(self, dumped: bytes) -> None:
        self._dumped, self._at = dumped, HEADER_BYTES
        self.globals: set[str] = set()

    def read_function(self) -> None:
        """Read one function and those in it, for the sake of the globals alone."""
        self._text()
        self._at += 12  # its lines, and how many parameters and registers it has
        code = [self._number("I") for _ in range(self._number("i"))]
        constants = [self._constant() for _ in range(self._number("i"))]
        self.globals |= {constants[word >> 14] for word in code if word & 63 in {GET_GLOBAL, SET_GLOBAL}}
        for _ in range(self._number("i")):
            self.read_function()
        for _ in range(self._number("i")):  # the line of each instruction
            self._at += 4
        for _ in range(self._number("i")):  # the local variables
            self._text()
            self._at += 8
        for _ in range(self._number("i")):  # the names of those outside
            self._text()

    def _number(self, kind: str) -> int:
        (number,) = struct.unpack_from(f"<{kind}", self._dumped, self._at)
        self._at += struct.calcsize(kind)
        return int(number)

    def _text(self) -> str:
        size = self._number("Q")
        self._at += size
        return self._dumped[self._at - size : self._at - 1].decode()

    def _constant(self) -> str:
        kind = self._number("B")
        if kind == TEXT:
            return self._text()
        self._at += CONSTANT_BYTES[kind]
        return ""
