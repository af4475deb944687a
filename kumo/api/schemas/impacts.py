"""What anomalies and alerts say alike about a series or group: descriptions and examples of fields."""

from typing import Final

GROUP_ID: Final = ("The id of its group; null if it is of a series.", "c3tmqpj7l5xkz2ay")
TITLE: Final = ("What it is about, in words.", "AWS EC2 in account production")
SCOPE: Final = (
    "The dimensions that the series or group fixes, with their values; none for all costs of a currency.",
    {"account": "production", "service": "AWS EC2"},
)
FIRST_PERIOD: Final = ("Its first day with an anomalous total, also after it was withdrawn.", "2026-01-30")
LAST_PERIOD: Final = ("Its last day with an anomalous total, also after it was withdrawn.", "2026-01-31")
IMPACT: Final = (
    "What its anomalous days are above the usual, in all; without such days, the sum of the impacts of its entries.",
    450.25,
)
_NOT_SENT: Final = (
    "Why no alert was sent; null if one was. too_old: it was found later than KUMO_ALERT_MAX_AGE; below_minimum: the"
    " impact is too small; within_budget: a day like this is not rare enough among all that is watched; offset: other"
    " costs of the service fell by as much."
)
NOT_SENT: Final = (_NOT_SENT, "below_minimum")
FALL: Final = {
    "type": "object",
    "properties": {"series": {"type": "string"}, "amount": {"type": "number"}},
    "required": ["series", "amount"],
}
