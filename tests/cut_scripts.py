"""Scripts without a safeguard: production code has no switch for that, so a passage is taken out of their text."""

from collections.abc import Mapping
from typing import NamedTuple

from kumo.store.protocol import Client
from kumo.store.scripts import Scripts
from tests.clocks import HELD


class Passage(NamedTuple):
    """A passage of a script, and its replacement."""

    text: str
    instead: str = ""


class CutScripts(Scripts):
    """The scripts, with passages replaced, by script: each must be there, so that none goes stale unseen."""

    def __init__(self, client: Client, passages: Mapping[str, Passage]) -> None:
        super().__init__(client, {"clock": HELD})
        self._passages = passages

    def _source(self, script: str) -> str:
        text = super()._source(script)
        if script not in self._passages:
            return text
        passage, instead = self._passages[script]
        assert text.count(passage) == 1, f"{script}.lua holds {passage!r} {text.count(passage)} times"
        return text.replace(passage, instead)
