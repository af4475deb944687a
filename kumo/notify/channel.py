"""The interface of a channel, which sends alerts to one destination."""

from collections.abc import Sequence
from typing import Protocol

from kumo.domain.alerts import Alert, Ambiguous, Answer


class Channel(Protocol):
    """Sends messages to one destination. A channel knows its vendor; it does not know when an alert is due."""

    @property
    def title(self) -> str:
        """The name in sentences for people, such as "Slack"."""

    @property
    def fingerprint(self) -> str:
        """Identifies the address without revealing it, so that a changed address is noticed and tried."""

    @property
    def ambiguous(self) -> Ambiguous:
        """What to do with alerts that may have arrived."""

    def send(self, alerts: Sequence[Alert]) -> Answer:
        """Write one message about all the alerts, send it, and return the meaning of the destination's answer.

        Never raises, and returns within 30 seconds. The answer contains one sentence about the fault, without a secret,
        and the pause that the destination asks for, if any.
        """
