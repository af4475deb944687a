"""The evidence of an anomaly: enough to compute its verdict again, whatever has changed since."""

from dataclasses import dataclass

from kumo.domain.judging import Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The arrival that opened an anomaly, the policy that applied, and the detector's state before.

    `policy` is empty if the settings applied; `state` is packed by the detector. `new_above`, in micros, is
    the limit of something new, if that opened the anomaly; else 0.
    """

    arrival: Arrival
    policy: str
    detector: str
    threshold: float
    min_history: int
    state: bytes
    new_above: int = 0
