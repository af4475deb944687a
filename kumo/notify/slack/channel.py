"""Slack as a channel: an incoming webhook, configured by SLACK_WEBHOOK_URL."""

import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from kumo.domain.alerts import Alert, Ambiguous, Answer, Outcome
from kumo.errors import SettingsError
from kumo.kinds import is_loopback
from kumo.notify.http_post import post
from kumo.notify.slack import answers
from kumo.notify.slack.message import compose, compose_short
from kumo.settings import Settings


class Slack:
    """One incoming webhook, whose address is a secret: it never shows in an answer, log or repr."""

    title = "Slack"

    def __init__(
        self,
        webhook_url: str,
        hosts: Collection[str],
        public_url: str,
        ambiguous: Ambiguous = Ambiguous.REPEAT,
        timeout: float = 10.0,
    ) -> None:
        """Take the webhook if it is https on one of `hosts`, or loopback; else SettingsError."""
        if not _is_allowed(webhook_url, hosts):
            raise SettingsError("SLACK_WEBHOOK_URL must be https:// on one of KUMO_SLACK_HOSTS, or loopback")
        self._url = webhook_url
        self._public_url = public_url
        self._timeout = timeout
        self.ambiguous = ambiguous

    def __repr__(self) -> str:
        """Show the fingerprint instead of the address."""
        return f"Slack({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """Identify the webhook without revealing it, so that a changed webhook is noticed."""
        return hashlib.sha256(self._url.encode()).hexdigest()[:12]

    def send(self, alerts: Sequence[Alert]) -> Answer:
        """Post one message about all the alerts and return the outcome; raise nothing.

        A message that Slack cannot read is posted once more as short text without blocks.
        """
        answer = self._post(compose(alerts, self._public_url))
        if answer.outcome is not Outcome.UNREADABLE:
            return answer
        second = self._post(compose_short(alerts, self._public_url))
        return replace(second, detail=f"{answer.detail} As short text: {second.detail}")

    def _post(self, payload: Mapping[str, object]) -> Answer:
        return answers.read(post(self._url, payload, self._timeout), now=time.time())


def build_slack(settings: Settings) -> Slack | None:
    """Build the channel from the settings; None if no webhook is set."""
    if not settings.slack_webhook_url:
        return None
    ambiguous = Ambiguous(settings.slack_ambiguous)
    return Slack(settings.slack_webhook_url, settings.slack_hosts, settings.public_url, ambiguous)


def _is_allowed(url: str, hosts: Collection[str]) -> bool:
    """Return whether alerts may go there. The address is parsed as by the library that connects."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        return False
    host = (parts.host or "").strip("[]").lower()
    return (parts.scheme == "https" and host in hosts) or (parts.scheme in {"http", "https"} and is_loopback(host))
