"""Slack's blocks, and text from data that is safe in them. Such text passes through `escape`, always.

- Escaping and markup: https://docs.slack.dev/messaging/formatting-message-text
- Blocks: https://docs.slack.dev/reference/block-kit/blocks
"""

import html
import re
from collections.abc import Sequence
from typing import Final

MAX_VALUE: Final = 200


def escape(value: str, limit: int = MAX_VALUE) -> str:
    """Make text from data safe to show: one line, nothing invisible, escaped, not too long.

    Control characters, line ends and marks that change the direction of writing become spaces.
    """
    visible = "".join(char if char.isprintable() else " " for char in value[: 4 * limit])
    return cut(html.escape(" ".join(visible.split()), quote=False), limit)


def cut(escaped: str, limit: int) -> str:
    """Shorten escaped text without leaving half an entity at its end."""
    if len(escaped) <= limit:
        return escaped
    return re.sub(r"&[a-z]*$", "", escaped[: limit - 1]) + "…"


def plain_text(text: str) -> dict[str, object]:
    """Build text that Slack shows letter by letter."""
    return {"type": "plain_text", "text": text, "emoji": False}


def markup(text: str) -> dict[str, object]:
    """Build text of our own words, figures and links."""
    # verbatim: Slack adds no links or mentions of its own.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> dict[str, object]:
    """Build a header."""
    return {"type": "header", "text": plain_text(text)}


def section(text: dict[str, object] | None, fields: Sequence[dict[str, object]] = ()) -> dict[str, object]:
    """Build a section of a text, of fields, or of both."""
    block: dict[str, object] = {"type": "section"}
    return block | ({"text": text} if text else {}) | ({"fields": list(fields)} if fields else {})


def context(text: str) -> dict[str, object]:
    """Build a small line."""
    return {"type": "context", "elements": [markup(text)]}
