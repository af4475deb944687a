"""A Slack of changing moods, and its own account of what appeared in the channel."""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Final

from tests.chaos.journal import Journal
from tests.fakes import slack
from tests.fakes.slack import FakeSlack, Play, Request

OK: Final = "ok"
MOODS: Final[dict[str, tuple[int, Play]]] = {
    OK: (60, slack.OK),
    "429, Retry-After 1": (8, slack.rate_limit("1")),
    "500 after accepting": (8, slack.BROKEN_AFTER_ACCEPTING),
    "reset after accepting": (8, slack.RESET_AFTER_ACCEPTING),
    "hang": (5, slack.HANG),
    "404 no_service": (3, slack.refusal("no_service")),
    "410 channel_is_archived": (3, slack.refusal("channel_is_archived")),
}
AMBIGUOUS: Final = {"500 after accepting", "reset after accepting"}
"""Accepted, but the sender cannot know: it must send again, marked so."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came in: its number, how it was answered, whether it appeared, by the clock of this machine."""

    number: str
    mood: str
    accepted: bool
    at: float


class MoodySlack(FakeSlack):
    """Answers each message in a mood that chance picks; in a good one from when the journal is calm."""

    def __init__(self, journal: Journal, seed: int) -> None:
        super().__init__()
        self._journal = journal
        self._rng = random.Random(f"{seed} slack")
        self.received: list[Received] = []

    def take(self, request: Request) -> Play:
        mood = OK
        with self._changed:
            if not self._journal.is_calm():
                names = list(MOODS)
                mood = self._rng.choices(names, [MOODS[name][0] for name in names])[0]
            self.answer(MOODS[mood][1])
            play = super().take(request)
            number = request.path.rsplit("/", 1)[1]
            self.received.append(Received(number, mood, play.accepts, request.at))
        return play

    def moods(self) -> Counter[str]:
        return Counter(row.mood for row in self.received if row.mood != OK)
