"""Cursors: the end of the previous page in one word, which only next links give.

A word that was cut, built by hand or taken from another list is refused. So a page always begins where
the previous one ended.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from kumo.domain.paging import Position

PATTERN: Final = r"[A-Za-z0-9_-]{12,120}"

_WORD: Final = re.compile(PATTERN, re.ASCII)
_CHECK_BYTES: Final = 6
_ENTRY: Final = r"[a-z2-7]{16}-[0-9a-f]{10}"


@dataclass(frozen=True, slots=True)
class Cursors:
    """The cursors of one list: its name, the form of the ids of its rows, and an example."""

    name: str
    ids: str
    example_id: str

    @property
    def example(self) -> str:
        """Return a cursor for the documentation."""
        return self.write(Position(1769850000000, self.example_id))

    def write(self, position: Position) -> str:
        """Write the cursor of the page that begins after a row."""
        text = f"{self.name} {position.time} {position.id}".encode()
        check = blake2b(text, digest_size=_CHECK_BYTES).digest()
        return urlsafe_b64encode(check + text).rstrip(b"=").decode()

    def read(self, word: str) -> Position:
        """Read a cursor; raise `ValueError` for a word that this list never wrote."""
        position = self._position(word) if _WORD.fullmatch(word) else None
        if position is None or self.write(position) != word:
            raise ValueError("is not a cursor from a next link of this list")
        return position

    def _position(self, word: str) -> Position | None:
        text = urlsafe_b64decode(word + "=" * (-len(word) % 4))[_CHECK_BYTES:]
        found = re.fullmatch(rf"{self.name} (\d{{1,16}}) ({self.ids})", text.decode("ascii", "replace"), re.ASCII)
        return Position(int(found[1]), found[2]) if found else None


_EXAMPLE: Final = "5woeftbt6mygcc7u-0000000015"
COSTS: Final = Cursors("costs", _ENTRY, _EXAMPLE)
SERIES: Final = Cursors("series", r"[a-z2-7]{16}", _EXAMPLE[:16])
ANOMALIES: Final = Cursors("anomalies", _ENTRY, _EXAMPLE)
ALERTS: Final = Cursors("alerts", rf"({_ENTRY}|test-[0-9a-f]{{16}}|import-\d{{1,15}})-\d{{1,9}}", f"{_EXAMPLE}-1")
IMPORTS: Final = Cursors("imports", r"\d{1,15}", "42")
PERIODS: Final = Cursors("periods", SERIES.ids, SERIES.example_id)
GROUPS: Final = Cursors("groups", SERIES.ids, "qk3tq5z2n4dhnvyo")
LISTS: Final = (COSTS, SERIES, PERIODS, GROUPS, ANOMALIES, ALERTS, IMPORTS)
