"""Whether alerts reach anyone, and if not, why."""

from typing import Final

from kumo.domain.spans import in_words
from kumo.engine.delivery import SLACK
from kumo.services import Services
from kumo.store import destinations, outbox
from kumo.store.outbox import WAITING

# A message that was refused for a moment is sent again within minutes.
WAITED_SECONDS: Final = 300.0


def find_obstacles(services: Services) -> list[str]:
    """Return a sentence for each reason why no alert can be told, whoever tries; nothing where one can."""
    if services.slack is None:
        return ["Alerts reach nobody: SLACK_WEBHOOK_URL is not set. They are kept, and told once it is."]
    known = destinations.find(services.store, SLACK)
    if known.state == "off" and known.fingerprint == services.slack.fingerprint:
        cure = "Set another SLACK_WEBHOOK_URL, or put this one right and send a test (POST /alerts/test)."
        return [f"Alerts reach nobody: {known.last_answer} Nothing more is sent there; alerts are kept. {cure}"]
    return []


def find_waiting(services: Services) -> list[str]:
    """Return a sentence where alerts have waited for minutes to be told, with how many and for how long."""
    counts = outbox.count(services.store)
    waiting = sum(counts[state].alerts for state in WAITING)
    oldest = max(counts[state].oldest for state in WAITING)
    if oldest < WAITED_SECONDS:
        return []
    return [f"{waiting} {'alerts wait' if waiting > 1 else 'alert waits'} to be told, for {in_words(oldest)} by now."]


def describe(services: Services) -> str:
    """Say in a sentence that alerts are told, and how many messages were."""
    messages = destinations.find(services.store, SLACK).messages
    if not messages:
        return "Alerts go to Slack. No message was sent yet: POST /alerts/test sends one."
    return f"Alerts go to Slack, which took {messages} {'messages' if messages > 1 else 'message'} so far."
