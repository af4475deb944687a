"""The kinds of channels, and the channels that are configured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kumo.notify.channel import Channel
from kumo.notify.slack.channel import build_slack
from kumo.settings import Settings


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """One row of the registry: the destination's name, the setting that configures it, and the function that builds it.

    `build` returns None if the setting is empty.
    """

    destination: str
    setting: str
    build: Callable[[Settings], Channel | None]


# To add a channel, add a row. Alerts go to the first channel that is configured.
KINDS: Final = (ChannelKind("slack", "SLACK_WEBHOOK_URL", build_slack),)


@dataclass(frozen=True, slots=True)
class Channels:
    """The configured channels by destination, and all kinds of channels."""

    by_destination: Mapping[str, Channel]
    kinds: Sequence[ChannelKind] = KINDS

    @property
    def default(self) -> str:
        """The destination of new alerts; if none is configured, the first kind."""
        return next(iter(self.by_destination), self.kinds[0].destination)

    def find(self, destination: str) -> Channel | None:
        """Return the channel of a destination; None if it is not configured."""
        return self.by_destination.get(destination)

    def find_settings(self, destination: str) -> str:
        """Return the setting that configures a destination; for an unknown destination, all such settings."""
        own = [kind.setting for kind in self.kinds if kind.destination == destination]
        return " or ".join(own or [kind.setting for kind in self.kinds])


def build(settings: Settings, kinds: Sequence[ChannelKind] = KINDS) -> Channels:
    """Build the configured channels, in the order of their kinds."""
    built = {kind.destination: kind.build(settings) for kind in kinds}
    return Channels({name: channel for name, channel in built.items() if channel is not None}, kinds)
