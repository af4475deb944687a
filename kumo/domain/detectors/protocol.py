"""What a detector is: a pure fold of arrivals into verdicts."""

from typing import Protocol, TypeVar

from kumo.domain.judging import Arrival, Verdict

State = TypeVar("State")


class Detector(Protocol[State]):
    """A named rule that folds arrivals into verdicts.

    What it remembers of a series between two arrivals is its state, which it alone understands. A state is never
    changed in place. Whoever folds many arrivals of a series unpacks once and packs once: that changes nothing.
    """

    @property
    def name(self) -> str:
        """The name by which settings choose it."""

    @property
    def threshold(self) -> float:
        """The score above which an entry is an anomaly."""

    @property
    def min_history(self) -> int:
        """The entries that a series needs before one is judged."""

    def judge(self, arrival: Arrival, before: State) -> tuple[Verdict, State]:
        """Judge one arrival; returns the verdict and the state after. Must depend on nothing else."""

    def calm_to_close(self, after: State) -> int:
        """Return how many calm entries in a row end an episode of this series."""

    def pack(self, after: State) -> bytes:
        """Write a state."""

    def unpack(self, packed: bytes) -> State:
        """Read a state; of nothing, the state of a new series."""

    def forgive(self, arrival: Arrival, now: State) -> State:
        """Return a calmer state after a person said that an entry was planned or a false alarm."""

    def take_back(self, arrival: Arrival, now: State) -> State:
        """Return the state that there would be if nobody had said so."""
