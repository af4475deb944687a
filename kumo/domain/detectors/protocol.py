"""The interface of a detector: a pure fold of arrivals into verdicts."""

from typing import Protocol, TypeVar

from kumo.domain.expectation import Expectation
from kumo.domain.judging import Arrival, Verdict

State = TypeVar("State")


class Detector(Protocol[State]):
    """A named algorithm that folds arrivals into verdicts.

    Its state holds what it has learned of a series between two arrivals; only the detector understands it. A state is
    never changed in place. For many arrivals of a series, unpack and pack it once: the result is the same.
    """

    def __hash__(self) -> int:
        """Return the same number for detectors with the same settings."""

    @property
    def name(self) -> str:
        """The name in settings and policies."""

    @property
    def threshold(self) -> float:
        """The score above which an entry is an anomaly."""

    @property
    def min_history(self) -> int:
        """The number of entries that a series needs before one is judged."""

    def judge(self, arrival: Arrival, before: State) -> tuple[Verdict, State]:
        """Judge one arrival; return the verdict and the state after. Must depend on nothing else."""

    def calm_to_close(self, after: State) -> int:
        """Return how many calm entries in a row end an episode of this series."""

    def pack(self, after: State) -> bytes:
        """Pack a state into bytes."""

    def pack_rounded(self, after: State) -> bytes:
        """Pack a state into fewer bytes, if it can be rounded: unpacked it is another state, packed again the same."""

    def unpack(self, packed: bytes) -> State:
        """Unpack a state; empty bytes give the state of a new series."""

    def forgive(self, arrival: Arrival, now: State) -> State:
        """Return a calmer state after feedback that an entry was planned or a false alarm."""

    def take_back(self, arrival: Arrival, now: State) -> State:
        """Return the state as if this feedback had never been given."""

    def excuse(self, arrival: Arrival, now: State) -> State:
        """Return the calmer state of `forgive`, without the data for taking it back."""

    def expect(self, arrival: Arrival, before: State) -> Expectation:
        """Return the expectation at the time of an arrival; its amount does not matter, and no entry is newer."""

    def chance(self, arrival: Arrival, before: State) -> float | None:
        """Return the chance a day that a healthy series has a verdict as high; None if it is not known."""
