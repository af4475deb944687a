"""What an anomaly was opened on: enough to come to the same verdict again, whatever has changed since."""

from dataclasses import dataclass

from kumo.domain.judging import Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The arrival that opened an anomaly, the policy that chose how it was judged, and what the detector knew before.

    `policy` is empty where the settings held; `state` is packed as the detector packs it. `new_above`, in micros, is
    what the first day of a new series was allowed to cost, where that is why it was opened; else 0.
    """

    arrival: Arrival
    policy: str
    detector: str
    threshold: float
    min_history: int
    state: bytes
    new_above: int = 0
