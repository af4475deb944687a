"""The schemas of costs and daily totals, and the queries for both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, Final

from marshmallow import post_load, validate

from kumo.api.schemas import cursors, fields
from kumo.api.schemas.fields import DRIVER, AnswerSchema, Parsed, declare, drivers, filter_by, moment, units
from kumo.api.schemas.listing import TaggedQuestion, TimedListing, Whole, cursor, one_of, order, parse_date
from kumo.api.schemas.periods import declare_total
from kumo.domain import money
from kumo.domain.groups import ACCOUNT_SERVICE
from kumo.domain.judging import Status
from kumo.domain.parts import OTHER_VALUES
from kumo.engine.queries.daily_sums import TAG
from kumo.engine.queries.views import Cost

MAX_TOP: Final = 50
MOST_PARTS: Final = 20
SERIES_FILTERS: Final = ("service", "provider", "account", "region", "currency")
BY: Final = ("service", "account", "provider", "region", ACCOUNT_SERVICE, "none")
_OF_PAIR: Final = f"With by={ACCOUNT_SERVICE}: this part of the key; else null."

PART: Final = {
    "type": "object",
    "properties": {"value": {"type": "string"}, "amount": {"type": "number"}, "amount_exact": {"type": "string"}},
    "required": ["value", "amount", "amount_exact"],
}

_FROM_VERDICT: Final = (
    *("is_anomaly", "z", "score", "mean", "stddev", "n", "threshold", "cause", "detector"),
    *("impact", "impact_percent", "reason", "anomaly"),
)


def _verdict(name: str) -> Callable[[Cost], object]:
    return lambda cost: getattr(cost.verdict, name, None)


def _is_anomaly(cost: Cost) -> bool | None:
    return None if cost.status is Status.PENDING else cost.status is Status.ANOMALY


def _reason(cost: Cost) -> str | None:
    return cost.verdict.reason(cost.entry.series.currency) if cost.verdict else None


def _parts(cost: Cost) -> dict[str, list[dict[str, object]]]:
    return {key: _largest(parts) for key, parts in cost.entry.parts.items()}


def _largest(parts: Mapping[str, int]) -> list[dict[str, object]]:
    """Show the largest parts, which come first, and the sum of the others as one."""
    shown_parts = dict(islice(parts.items(), MOST_PARTS))
    if left := sum(parts.values()) - sum(shown_parts.values()) if len(parts) > MOST_PARTS else 0:
        shown_parts[OTHER_VALUES] = shown_parts.get(OTHER_VALUES, 0) + left
    return [
        {"value": value, "amount": units(micros), "amount_exact": money.exact(micros)}
        for value, micros in shown_parts.items()
    ]


def _others(cost: Cost) -> float | None:
    """Return the amount that the named contributors do not cover."""
    entry = cost.entry
    named = sum(micros for _, micros in entry.contributors)
    return None if entry.billed is None else money.units(entry.amount - named)


def _quantity(cost: Cost) -> str | None:
    return None if cost.entry.quantity is None else money.exact(cost.entry.quantity)


class CostSchema(AnswerSchema):
    """An entry with its verdict, flat."""

    id = declare("id", "The entry's id.", "5woeftbt6mygcc7u-0000000015")
    series = declare("series_id", "The id of its series.", "5woeftbt6mygcc7u")
    service = declare("entry.series.service", *fields.SERVICE)
    amount = declare(lambda cost: units(cost.entry.amount), "Units of the currency.", 500.5)
    amount_exact = declare(lambda cost: money.exact(cost.entry.amount), "The same, exactly.", "500.5")
    currency = declare("entry.series.currency", *fields.CURRENCY)
    timestamp = moment("entry.timestamp", "The time of the cost.")
    provider = declare("entry.series.provider", *fields.PROVIDER)
    account = declare("entry.series.account", *fields.ACCOUNT)
    region = declare("entry.series.region", *fields.REGION)
    tags = declare(
        lambda cost: dict(cost.entry.tags),
        "Its tags, as sent.",
        {"team": "search"},
        additionalProperties={"type": "string"},
    )
    external_id = declare(
        lambda cost: cost.entry.external_id or None,
        "The client's own name for it.",
        "bill-2026-01/4711",
        null=True,
    )
    quantity = declare(
        lambda cost: units(cost.entry.quantity), "The used quantity; null if it is not known.", 744.0, null=True
    )
    quantity_exact = declare(_quantity, "The same, exactly.", "744", null=True)
    unit = declare(lambda cost: cost.entry.unit or None, "The unit of the quantity.", "Hours", null=True)
    resource = declare(
        lambda cost: cost.entry.resource or None, "The resource, as sent.", "i-0a1b2c3d4e5f60718", null=True
    )
    parts = declare(
        _parts,
        "For a cost from a bill: its amount by value of each tag in KUMO_TAG_KEYS, largest first, at most"
        " twenty. The empty value: without this tag. The rest is `(other values)`.",
        {"team": [{"value": "search", "amount": 400.5, "amount_exact": "400.5"}]},
        additionalProperties={"type": "array", "items": PART},
    )
    charge_category = declare(
        lambda cost: cost.entry.series.charge_category or None,
        "The charge category if it is not usage: tax, credit, refund, purchase, fee or adjustment.",
        "tax",
        null=True,
    )
    billed = declare(
        lambda cost: units(cost.entry.billed), "The invoiced amount, if it comes from a bill.", 480.0, null=True
    )
    contributors = declare(
        lambda cost: drivers(cost.entry.contributors),
        "The resources or usage types that it consists of, largest first, at most ten, if it comes from a bill.",
        [{"name": "i-0a1b2c3d4e5f60718", "amount": 312.5}],
        items=DRIVER,
    )
    other_contributors = declare(
        _others, "The amount without these contributors; null if it does not come from a bill.", 187.999999, null=True
    )
    status = declare(
        "status", "The status of its verdict; excluded: never judged.", "anomaly", enum=[*map(str, Status)]
    )
    is_anomaly = declare(_is_anomaly, "Null while pending.", example=True, null=True)
    z = declare(_verdict("z"), "Deviation from the window's mean, in standard deviations.", 16.98, null=True)
    score = declare(_verdict("score"), "The figure that the detector compares with the threshold.", 16.98, null=True)
    mean = declare(_verdict("mean"), "The expected amount; under zscore the window's mean.", 50.25, null=True)
    stddev = declare(_verdict("stddev"), "The spread around it; under zscore the divisor of z.", 26.52, null=True)
    n = declare(_verdict("n"), "Number of entries that it was compared with.", 20, null=True)
    threshold = declare(_verdict("threshold"), "A score above this is an anomaly.", 3.0, null=True)
    cause = declare(_verdict("cause"), *fields.CAUSE, enum=[*fields.CAUSES, None], null=True)
    detector = declare(_verdict("detector"), "The detector that judged it.", "zscore", null=True)
    impact = declare(lambda cost: units(getattr(cost.verdict, "impact", None)), "amount − mean.", 450.25, null=True)
    impact_percent = declare(_verdict("impact_percent"), "The impact in percent of the mean.", 896.02, null=True)
    reason = declare(
        _reason,
        "The verdict in words.",
        "500.50 USD is 450.25 USD (+896.0 %) above the mean of 50.25 USD over 20 entries: z = 16.98"
        " is above the threshold of 3.",
        null=True,
    )
    anomaly = declare(_verdict("anomaly"), "The anomaly it belongs to.", "5woeftbt6mygcc7u-0000000015", null=True)
    total = declare_total()

    @classmethod
    def pending_example(cls) -> dict[str, Any]:
        """Build an entry that is not judged yet."""
        bare: dict[str, Any] = {"charge_category": None, "billed": None, "contributors": []}
        bare |= {"parts": {}, "other_contributors": None, "total": None}
        return cls.example() | bare | {"status": "pending"} | dict.fromkeys(_FROM_VERDICT)


class CostsQuery(TimedListing):
    """The parameters of GET /costs/."""

    status = one_of(Status, "Only those of this status.")
    order = order("desc", "By timestamp, then by id: newest first, or oldest first.")
    after = cursor(cursors.COSTS)


class DailyTotalSchema(AnswerSchema):
    """The total of one day."""

    date = declare(lambda total: total.date.isoformat(), "The day, in UTC.", "2026-01-31", format="date")
    key = declare(
        "key",
        "The service, account, … of this total; empty for the total of all, null for the sum of all but the top keys.",
        "AWS EC2",
        null=True,
    )
    currency = declare("currency", *fields.CURRENCY)
    amount = declare(lambda total: units(total.amount), "Units of the currency.", 1204.75)
    amount_exact = declare(lambda total: money.exact(total.amount), "The same, exactly.", "1204.75")
    entries = declare("entries", "Number of entries, or of parts of entries.", 24)
    account = declare(lambda total: total.names.get("account"), _OF_PAIR, "production", null=True)
    service = declare(lambda total: total.names.get("service"), _OF_PAIR, "AWS EC2", null=True)
    complete = declare(
        "complete",
        "False if a sum by tags is incomplete, because some costs of the day are only known as `(other values)`.",
        example=True,
    )


@dataclass(frozen=True, slots=True)
class Span:
    """The days to sum, the filter of series, and the grouping."""

    by: str
    first: date | None = None
    last: date | None = None
    top: int | None = None
    series: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def parse_by(text: str) -> str:
    """Read the grouping."""
    if text not in BY and not text.startswith(TAG):
        raise ValueError(f"must be one of: {', '.join(BY)}, or tag:KEY")
    return text


class SummaryQuery(TaggedQuestion):
    """The parameters of GET /costs/summary."""

    by = Parsed(
        parse_by,
        "A total for each of these and currency; none: for each currency; tag:KEY: for each value of this tag,"
        " and the empty value for costs without it; this reads at most 400,000 costs.",
        anyOf=[{"enum": list(BY)}, {"format": "by-tag", "examples": ["tag:team"]}],
        default="service",
    )
    first = Parsed(
        parse_date,
        "The first day, in UTC; default: 30 days up to the last one.",
        name="from",
        format="date",
    )
    last = Parsed(parse_date, "The last day, in UTC; default: today.", name="to", format="date")
    top = Whole(
        validate=validate.Range(1, MAX_TOP, error="must be from {min} to {max}"),
        metadata={"description": "Keep this many largest keys of each currency, and add up all others."},
    )
    service, provider, account, region, currency = (filter_by(name) for name in SERIES_FILTERS)

    @post_load
    def span(self, values: dict[str, Any], **_: object) -> Span:
        """Build the query of the engine."""
        series: dict[str, str] = {name: values.pop(name) for name in SERIES_FILTERS if name in values}
        return Span(**{"by": "service"} | values, series=series)
