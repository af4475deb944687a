"""Whether alerts are sent, and if not, why."""

from collections.abc import Iterator
from typing import Final

from kumo.domain.alerts import NOT_SENT
from kumo.domain.spans import in_words
from kumo.services import Services
from kumo.store import destinations, outbox

# A message that was refused temporarily is sent again within minutes.
WAITED_SECONDS: Final = 300.0


def find_problems(services: Services) -> list[str]:
    """Return a sentence for each reason why alerts are not sent; empty if they are sent."""
    channels = services.channels
    if not channels.by_destination:
        setting = channels.find_settings(channels.default)
        return [f"Alerts are not sent: {setting} is not set. They are kept, and sent once it is."]
    return [problem for name in channels.by_destination for problem in _find_problem(services, name)]


def _find_problem(services: Services, destination: str) -> Iterator[str]:
    """Yield why a destination gets no alerts: it was switched off after a permanent refusal."""
    channel, known = services.channels.by_destination[destination], destinations.find(services.store, destination)
    if known.state == "off" and known.fingerprint == channel.fingerprint:
        setting = services.channels.find_settings(destination)
        cure = f"Set another {setting}, or correct this one and send a test (POST /alerts/test)."
        yield f"Alerts are not sent: {known.last_answer} {channel.title} is switched off; alerts are kept. {cure}"


def find_waiting(services: Services) -> list[str]:
    """Return a sentence if alerts have waited for minutes, with their number and age."""
    counts = outbox.count(services.store)
    waiting = sum(counts[status].alerts for status in NOT_SENT)
    oldest = max(counts[status].oldest for status in NOT_SENT)
    if oldest < WAITED_SECONDS:
        return []
    alerts = "alerts have" if waiting > 1 else "alert has"
    return [f"{waiting} {alerts} waited to be sent for {in_words(oldest)}."]


def describe(services: Services) -> str:
    """Describe in a sentence where alerts go, and how many messages were sent."""
    channels = services.channels.by_destination
    titles = " and ".join(channel.title for channel in channels.values())
    messages = sum(destinations.find(services.store, name).messages for name in channels)
    if not messages:
        return f"Alerts go to {titles}. No message was sent yet: POST /alerts/test sends one."
    return f"Alerts go to {titles}: {messages} {'messages' if messages > 1 else 'message'} sent so far."
