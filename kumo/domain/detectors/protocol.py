"""What a detector is: a pure fold of records into verdicts."""

from typing import Protocol, TypeVar

from kumo.domain.judging import Record, Verdict

State = TypeVar("State")


class Detector(Protocol[State]):
    """A named rule that folds records into verdicts.

    What it remembers of a series between two records is its state, which it alone understands; a state is never changed
    in place. Whoever folds many records of a series unpacks once and packs once: that changes nothing.
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

    def judge(self, record: Record, before: State) -> tuple[Verdict, State]:
        """Judge one record; returns the verdict and the state after. Must depend on nothing else."""

    def calm_to_close(self, after: State) -> int:
        """Return how many calm entries in a row end an episode of this series."""

    def pack(self, after: State) -> bytes:
        """Write a state."""

    def unpack(self, packed: bytes) -> State:
        """Read a state; of nothing, the state of a new series."""

    def forgive(self, record: Record, now: State) -> State:
        """Return a calmer state after a person said that an entry was planned or a false alarm."""

    def take_back(self, record: Record, now: State) -> State:
        """Return the state that there would be if nobody had said so."""
