"""Slack as a destination: post the message, and read from the answer what became of it."""

import hashlib
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from kumo.domain.alerts import Alert, Answer, Outcome
from kumo.errors import SettingsError
from kumo.kinds import is_loopback
from kumo.notify.message import compose, plain
from kumo.notify.posting import NoReply, Reply, post

DEFAULT_PAUSE: Final = 30.0
LONGEST_PAUSE: Final = 3600.0

WEBHOOKS: Final = "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks"
CHANGELOG: Final = "https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks"
RATE_LIMITS: Final = "https://docs.slack.dev/apis/web-api/rate-limits"
# Documented for the method that posts the same messages with a token.
POST_MESSAGE: Final = "https://docs.slack.dev/reference/methods/chat.postMessage"
# Not documented, but seen.
EMPTY_SEEN: Final = "https://github.com/slackapi/slack-github-action/issues/117"
REDIRECT_SEEN: Final = "https://github.com/ashwanthkumar/slack-go-webhook/pull/3"
HTTP: Final = "https://www.rfc-editor.org/rfc/rfc9110"


class Meaning(NamedTuple):
    """One row of the tables of answers: what an answer means, why, and where that is written."""

    outcome: Outcome
    why: str
    source: str


# What Slack says in the body tells more than the status, so it is looked at first.
BODIES: Final[Mapping[str, Meaning]] = {
    # The message is at fault: it is tried once more as short text, then given up.
    "invalid_payload": Meaning(Outcome.UNREADABLE, "the message is malformed", WEBHOOKS),
    "no_text": Meaning(Outcome.UNREADABLE, "the message has no text", WEBHOOKS),
    "too_many_attachments": Meaning(Outcome.UNREADABLE, "over 100 attachments", WEBHOOKS),
    "invalid_blocks": Meaning(Outcome.UNREADABLE, "a block is not valid", POST_MESSAGE),
    "invalid_blocks_format": Meaning(Outcome.UNREADABLE, "the blocks are no list", POST_MESSAGE),
    "msg_too_long": Meaning(Outcome.UNREADABLE, "the text is too long", POST_MESSAGE),
    "msg_blocks_too_long": Meaning(Outcome.UNREADABLE, "the blocks are too long", POST_MESSAGE),
    "missing_text_or_fallback_or_attachments": Meaning(Outcome.UNREADABLE, "the message has no text", EMPTY_SEEN),
    # The destination is at fault: no message gets through until someone sets it right.
    "action_prohibited": Meaning(Outcome.OFF, "an admin restricts posting", WEBHOOKS),
    "channel_is_archived": Meaning(Outcome.OFF, "the channel is archived", WEBHOOKS),
    "channel_not_found": Meaning(Outcome.OFF, "the channel does not exist", WEBHOOKS),
    "invalid_token": Meaning(Outcome.OFF, "the token is expired or wrong", WEBHOOKS),
    "no_active_hooks": Meaning(Outcome.OFF, "the webhook is disabled", WEBHOOKS),
    "no_service": Meaning(Outcome.OFF, "the webhook is disabled, removed or wrong", WEBHOOKS),
    "no_service_id": Meaning(Outcome.OFF, "the webhook's address is incomplete", WEBHOOKS),
    "no_team": Meaning(Outcome.OFF, "the workspace does not exist", WEBHOOKS),
    "posting_to_general_channel_denied": Meaning(Outcome.OFF, "posting to #general is restricted", WEBHOOKS),
    "team_disabled": Meaning(Outcome.OFF, "the workspace is no longer active", WEBHOOKS),
    "user_not_found": Meaning(Outcome.OFF, "the user does not exist", WEBHOOKS),
    # Neither is.
    "rate_limited": Meaning(Outcome.PAUSED, "too many messages", RATE_LIMITS),
    "ratelimited": Meaning(Outcome.PAUSED, "too many messages", RATE_LIMITS),
    "rollup_error": Meaning(Outcome.AMBIGUOUS, "something strange happened at Slack", CHANGELOG),
}

# The first row that has the status.
STATUSES: Final[Sequence[tuple[Collection[int], Meaning]]] = (
    # Whatever the body: Slack advises to take 200 as success, and what speaks its protocol in its
    # place answers with other words. To doubt it would repeat a message that has arrived.
    (range(200, 300), Meaning(Outcome.SENT, "the message was taken", CHANGELOG)),
    # Not followed: it would take the message to a host that nobody allowed. Slack sends one where
    # the token is no webhook's.
    (range(300, 400), Meaning(Outcome.OFF, "it points to another address", REDIRECT_SEEN)),
    ((400, 413, 415, 422), Meaning(Outcome.UNREADABLE, "the message was refused", CHANGELOG)),
    ((408,), Meaning(Outcome.REFUSED, "the message did not arrive whole", HTTP)),
    ((429,), Meaning(Outcome.PAUSED, "too many messages", RATE_LIMITS)),
    # 401, 403, 404, 410 and those nobody has seen: OFF keeps the alerts, as UNREADABLE would not.
    (range(400, 500), Meaning(Outcome.OFF, "the webhook does not exist or forbids us", CHANGELOG)),
    (range(500, 600), Meaning(Outcome.AMBIGUOUS, "something broke at Slack", CHANGELOG)),
)
UNKNOWN: Final = Meaning(Outcome.AMBIGUOUS, "HTTP knows no such status", HTTP)


class Slack:
    """One incoming webhook, whose address is a secret: it never shows in an answer, log or repr."""

    def __init__(self, webhook_url: str, hosts: Collection[str], public_url: str, timeout: float = 10.0) -> None:
        """Take the webhook if it is https on one of `hosts`, or loopback; else SettingsError."""
        if not _is_allowed(webhook_url, hosts):
            raise SettingsError("SLACK_WEBHOOK_URL must be https:// on one of KUMO_SLACK_HOSTS, or loopback")
        self._url = webhook_url
        self._public_url = public_url
        self._timeout = timeout

    def __repr__(self) -> str:
        """Show the fingerprint in place of the address."""
        return f"Slack({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """Tell one webhook from another without giving it away, so that a new one starts afresh."""
        return hashlib.sha256(self._url.encode()).hexdigest()[:12]

    def send(self, alerts: Sequence[Alert]) -> Answer:
        """Post one message about all the alerts, and say what became of it; raise nothing.

        A message that Slack cannot read is posted once more as short text without blocks.
        """
        answer = self._post(compose(alerts, self._public_url))
        if answer.outcome is not Outcome.UNREADABLE:
            return answer
        second = self._post(plain(alerts, self._public_url))
        return replace(second, detail=f"{answer.detail} As short text: {second.detail}")

    def _post(self, payload: Mapping[str, object]) -> Answer:
        reply = post(self._url, payload, self._timeout)
        if isinstance(reply, Reply):
            return read(reply, now=time.time())
        return _read_silence(reply)


def read(reply: Reply, now: float) -> Answer:
    """Say what a reply means. `now`, in seconds, is what a date in Retry-After is compared with.

    The detail quotes no word of the body that is not in the table: an error page may hold the path.
    """
    code = next(iter(reply.body.split(maxsplit=1)), "").rstrip(":.,")
    row = BODIES.get(code) or next((row for statuses, row in STATUSES if reply.status in statuses), UNKNOWN)
    said = f"{code}, " if code in BODIES else ""
    pause = _pause(reply.retry_after, now) if row.outcome is Outcome.PAUSED else 0.0
    return Answer(row.outcome, f"Slack answered {said}HTTP {reply.status}: {row.why}.", pause)


def _read_silence(reply: NoReply) -> Answer:
    if reply.may_have_arrived:
        return Answer(Outcome.AMBIGUOUS, f"Slack {reply.why}: the message may have arrived.")
    return Answer(Outcome.REFUSED, f"Slack {reply.why}: nothing was sent.")


def _pause(retry_after: str, now: float) -> float:
    """Seconds to wait by a Retry-After header, a number or a date: from one second to an hour."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after.strip()):
        seconds = float(retry_after)
    else:
        try:
            date = parsedate_to_datetime(retry_after)
            # A date with the zone "-0000" has none, and means UTC.
            seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, OverflowError):
            seconds = DEFAULT_PAUSE
    return min(max(seconds, 1.0), LONGEST_PAUSE)


def _is_allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether alerts may go there, reading the address as the library that connects does."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        return False
    host = (parts.host or "").strip("[]").lower()
    return (parts.scheme == "https" and host in hosts) or (parts.scheme in {"http", "https"} and is_loopback(host))
