"""Slack's checks of a payload.

https://docs.slack.dev/reference/block-kit/blocks and .../composition-objects/text-object
"""

import json
from typing import Any, Final

MAX_BLOCKS: Final = 50
MAX_FIELDS: Final = 10
MAX_ELEMENTS: Final = 10
MAX_HEADER: Final = 150
MAX_SECTION: Final = 3000
MAX_FIELD: Final = 2000


def find_fault(body: bytes) -> str:
    """Return the error with which Slack would refuse a payload; empty if it would accept it."""
    try:
        payload = json.loads(body)
    except ValueError:
        return "invalid_payload"
    if not isinstance(payload, dict) or not isinstance(payload.get("text", ""), str):
        return "invalid_payload"
    if not payload.get("text") and not payload.get("blocks"):
        return "no_text"
    blocks = payload.get("blocks", [])
    fits = isinstance(blocks, list) and len(blocks) <= MAX_BLOCKS and all(map(_block_fits, blocks))
    return "" if fits else "invalid_blocks"


def _block_fits(block: dict[str, Any]) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text"} as text}:
            return _text_fits(text, MAX_HEADER)
        case {"type": "section"}:
            fields = block.get("fields", [{"type": "plain_text", "text": "none"}])
            text = block.get("text", {"type": "plain_text", "text": "none"})
            some = "text" in block or "fields" in block
            few = 1 <= len(fields) <= MAX_FIELDS
            short = all(_text_fits(field, MAX_FIELD) for field in fields)
            return some and few and short and _text_fits(text, MAX_SECTION)
        case {"type": "context", "elements": list(elements)}:
            few = 1 <= len(elements) <= MAX_ELEMENTS
            return few and all(_text_fits(element, MAX_SECTION) for element in elements)
        case {"type": "divider"}:
            return True
    return False


def _text_fits(text: dict[str, Any], limit: int) -> bool:
    """Check a text object; an emoji counts as two, as it may."""
    match text:
        case {"type": "plain_text" | "mrkdwn", "text": str(words)}:
            return 1 <= len(words.encode("utf-16-le", "surrogatepass")) // 2 <= limit
    return False
