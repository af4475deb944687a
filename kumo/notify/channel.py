"""What every channel does: a channel sends alerts to one destination."""

from collections.abc import Sequence
from typing import Protocol

from kumo.domain.alerts import Alert, Ambiguous, Answer


class Channel(Protocol):
    """Sends messages to one destination. A channel knows its vendor; it does not know when an alert is due."""

    @property
    def title(self) -> str:
        """Its name in sentences for people, such as "Slack"."""

    @property
    def fingerprint(self) -> str:
        """What tells this address from another without giving it away: another one is tried afresh."""

    @property
    def ambiguous(self) -> Ambiguous:
        """What to do with alerts that may have arrived."""

    def send(self, alerts: Sequence[Alert]) -> Answer:
        """Compose one message about all the alerts, send it, and return what the destination's answer means.

        Never raises, and comes back within 30 seconds. The answer says in a sentence what is wrong, without a secret,
        and how long to pause where the destination asks for that.
        """
