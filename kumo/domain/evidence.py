"""What an anomaly was opened on: enough to come to the same verdict again, whatever has changed since."""

from dataclasses import dataclass

from kumo.domain.judging import Record


@dataclass(frozen=True, slots=True)
class Evidence:
    """The record that opened an anomaly, the rule that chose how it was judged, and what the policy knew before.

    `rule` is empty where the settings held; `state` is packed as the policy packs it. `new_above`, in micros, is what
    the first day of a new series was allowed to cost, where that is why it was opened; else 0.
    """

    record: Record
    rule: str
    policy: str
    threshold: float
    min_history: int
    state: bytes
    new_above: int = 0
