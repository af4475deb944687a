"""Whether alerts are sent, and if not, why."""

from collections.abc import Iterator
from typing import Final

from kumo.domain.alerts import NOT_SENT
from kumo.domain.spans import in_words
from kumo.services import Services
from kumo.store import destinations, outbox

# A message that was refused for a moment is sent again within minutes.
WAITED_SECONDS: Final = 300.0


def find_problems(services: Services) -> list[str]:
    """Return a sentence for each reason why alerts are not sent; nothing where they are."""
    channels = services.channels
    if not channels.by_destination:
        setting = channels.find_settings(channels.default)
        return [f"Alerts are not sent: {setting} is not set. They are kept, and sent once it is."]
    return [problem for name in channels.by_destination for problem in _find_problem(services, name)]


def _find_problem(services: Services, destination: str) -> Iterator[str]:
    """Yield why nothing is sent to a destination: it was switched off after it refused a message for good."""
    channel, known = services.channels.by_destination[destination], destinations.find(services.store, destination)
    if known.state == "off" and known.fingerprint == channel.fingerprint:
        setting = services.channels.find_settings(destination)
        cure = f"Set another {setting}, or correct this one and send a test (POST /alerts/test)."
        yield f"Alerts are not sent: {known.last_answer} {channel.title} is switched off; alerts are kept. {cure}"


def find_waiting(services: Services) -> list[str]:
    """Return a sentence where alerts have waited for minutes to be sent, with how many and for how long."""
    counts = outbox.count(services.store)
    waiting = sum(counts[status].alerts for status in NOT_SENT)
    oldest = max(counts[status].oldest for status in NOT_SENT)
    if oldest < WAITED_SECONDS:
        return []
    alerts = "alerts have" if waiting > 1 else "alert has"
    return [f"{waiting} {alerts} not been sent, for {in_words(oldest)} by now."]


def describe(services: Services) -> str:
    """Say in a sentence where alerts go, and how many messages were sent."""
    channels = services.channels.by_destination
    titles = " and ".join(channel.title for channel in channels.values())
    messages = sum(destinations.find(services.store, name).messages for name in channels)
    if not messages:
        return f"Alerts go to {titles}. No message was sent yet: POST /alerts/test sends one."
    return f"Alerts go to {titles}: {messages} {'messages' if messages > 1 else 'message'} sent so far."
