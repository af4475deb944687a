"""Dying at a named point: what `Services.failpoint` becomes."""

import os
import random
import signal
import threading
from collections import Counter
from typing import Final

from tests.chaos.journal import KILL, Journal

# Every point that the code names, and how many times it is passed at most before it is deadly.
POINTS: Final = {
    "web": {"record.before": 250, "record.after": 250},
    "judge": {
        "slice.before": 80,
        "slice.after": 80,
        "commit.before": 40,
        "commit.after": 40,
        "combine.hints": 20,
        "combine.read": 20,
        "combine.stored": 20,
        "combine.settled": 20,
    },
    "import": {"import.planned": 5, "replace.before": 20, "replace.after": 20, "import.written": 5, "import.judged": 5},
    "notify": {"claim.before": 5, "post.before": 5, "post.after": 5, "outcome.after": 5},
}
# An import passes all of its points: in some of its lives an importer must end one. So not each is deadly in every
# storm; tests/engine/imports has a kill at each.
LEAST: Final = {"import": 5}
NEEDED: Final = frozenset(point for role, points in POINTS.items() if role not in LEAST for point in points)
# The points that are passed once a day, by whoever sweeps, with the chance to die there: in every life of any role.
DAILY: Final = {"mark.before": 0.1, "mark.after": 0.1, "census.replace": 0.1, "census.replaced": 0.4}


class Failpoint:
    """Kills its own process at one point, after a number of passes.

    Each life of a role dies at the point that had the fewest deaths so far, so that all get their share, however many
    lives end elsewhere; the passes follow from the seed, and are as many times fewer as there is `haste`.
    """

    def __init__(self, journal: Journal, role: str, seed: int, haste: int) -> None:
        deaths = Counter(event.where for event in journal.read() if (event.kind, event.role) == (KILL, role))
        life = deaths.total()
        self._point, most = min(POINTS[role].items(), key=lambda point: deaths[point[0]])
        self._rng = random.Random(f"{seed} {role} {life}")
        self._passes = self._rng.randint(1, max(LEAST.get(role, 1), most // haste))
        self._journal = journal
        self._role = role
        self._lock = threading.Lock()

    def __call__(self, point: str) -> None:
        if self._rng.random() < DAILY.get(point, 0) and not self._journal.is_calm():
            self._die(point)
        if point != self._point or self._journal.is_calm():
            return
        with self._lock:  # never released by the thread that kills, so that one death is recorded once
            self._passes -= 1
            if self._passes <= 0:
                self._die(point)

    def _die(self, point: str) -> None:
        self._journal.write(KILL, self._role, point)
        os.kill(os.getpid(), signal.SIGKILL)
        threading.Event().wait()
