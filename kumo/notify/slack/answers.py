"""Slack's answers to an incoming webhook, and the meaning of each."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from kumo.domain.alerts import Answer, Outcome
from kumo.notify.http_post import NoReply, Reply, read_pause

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
    """One row of the tables of answers: what an answer means, why, and where it is documented."""

    outcome: Outcome
    why: str
    source: str


# The body says more than the status, so it is checked first.
BODIES: Final[Mapping[str, Meaning]] = {
    # The fault is in the message: it is tried once more as short text, then given up.
    "invalid_payload": Meaning(Outcome.UNREADABLE, "the message is malformed", WEBHOOKS),
    "no_text": Meaning(Outcome.UNREADABLE, "the message has no text", WEBHOOKS),
    "too_many_attachments": Meaning(Outcome.UNREADABLE, "over 100 attachments", WEBHOOKS),
    "invalid_blocks": Meaning(Outcome.UNREADABLE, "a block is not valid", POST_MESSAGE),
    "invalid_blocks_format": Meaning(Outcome.UNREADABLE, "the blocks are not a list", POST_MESSAGE),
    "msg_too_long": Meaning(Outcome.UNREADABLE, "the text is too long", POST_MESSAGE),
    "msg_blocks_too_long": Meaning(Outcome.UNREADABLE, "the blocks are too long", POST_MESSAGE),
    "missing_text_or_fallback_or_attachments": Meaning(Outcome.UNREADABLE, "the message has no text", EMPTY_SEEN),
    # The fault is in the destination: no message gets through until someone fixes it.
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
    # The fault is in neither.
    "rate_limited": Meaning(Outcome.PAUSED, "too many messages", RATE_LIMITS),
    "ratelimited": Meaning(Outcome.PAUSED, "too many messages", RATE_LIMITS),
    "rollup_error": Meaning(Outcome.AMBIGUOUS, "Slack had an internal error", CHANGELOG),
}

# The first row that contains the status counts.
STATUSES: Final[Sequence[tuple[Collection[int], Meaning]]] = (
    # Whatever the body: Slack advises to take 200 as success, and compatible services answer
    # with other words. Doubting it would repeat a message that has arrived.
    (range(200, 300), Meaning(Outcome.SENT, "the message was accepted", CHANGELOG)),
    # Not followed: it would take the message to a host that is not allowed. Slack redirects if
    # the token belongs to no webhook.
    (range(300, 400), Meaning(Outcome.OFF, "it points to another address", REDIRECT_SEEN)),
    ((400, 413, 415, 422), Meaning(Outcome.UNREADABLE, "the message was refused", CHANGELOG)),
    ((408,), Meaning(Outcome.REFUSED, "the message did not arrive completely", HTTP)),
    ((429,), Meaning(Outcome.PAUSED, "too many messages", RATE_LIMITS)),
    # 401, 403, 404, 410 and unknown ones: OFF keeps the alerts, UNREADABLE would not.
    (range(400, 500), Meaning(Outcome.OFF, "the webhook does not exist or refuses Kumo", CHANGELOG)),
    (range(500, 600), Meaning(Outcome.AMBIGUOUS, "Slack had an internal error", CHANGELOG)),
)
UNKNOWN: Final = Meaning(Outcome.AMBIGUOUS, "this HTTP status is unknown", HTTP)


def read(reply: Reply | NoReply, now: float) -> Answer:
    """Interpret a reply. `now`, in seconds, is compared with a date in Retry-After.

    The detail quotes only words of the table: an error page may contain the path.
    """
    if isinstance(reply, NoReply):
        return _read_silence(reply)
    code = next(iter(reply.body.split(maxsplit=1)), "").rstrip(":.,")
    row = BODIES.get(code) or next((row for statuses, row in STATUSES if reply.status in statuses), UNKNOWN)
    said = f"{code}, " if code in BODIES else ""
    pause = read_pause(reply.retry_after, now) if row.outcome is Outcome.PAUSED else 0.0
    return Answer(row.outcome, f"Slack answered {said}HTTP {reply.status}: {row.why}.", pause)


def _read_silence(reply: NoReply) -> Answer:
    if reply.may_have_arrived:
        return Answer(Outcome.AMBIGUOUS, f"Slack {reply.why}: the message may have arrived.")
    return Answer(Outcome.REFUSED, f"Slack {reply.why}: nothing was sent.")
