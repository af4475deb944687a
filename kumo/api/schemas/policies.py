"""The schemas of a policy, as sent and as shown."""

from collections.abc import Callable
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields, post_load
from werkzeug.http import parse_etags

from kumo.api.schemas.fields import AnswerSchema, Exampled, Parsed, choice, declare, units
from kumo.domain import money, policies
from kumo.domain.detectors import DETECTORS
from kumo.domain.entries import MAX_TAGS, MAX_TEXT, parse_text
from kumo.domain.policies import Combine, Expected, KeptPolicy, Policy

_PATTERN: Final = "Only entries with this {name}, in any spelling; `*` stands for any text; null: any {name}."
_IMPACT: Final = "An alert needs at least this impact, in units of the currency; null: any. Never changes a verdict."
_PERCENT: Final = "An alert needs at least this impact in percent of the expected amount; null: any."
_POSITION: Final = "Policies are checked in order of position; the first that covers an entry applies."
_COMBINE: Final = "Whether an alert needs both minimum impacts (and) or one of them (or)."
_TAGS: Final = "Only entries that have these tags; `*` in a value stands for any text."
_DETECTOR: Final = "The detector; null: KUMO_DETECTOR."
_THRESHOLD: Final = "A score above this is an anomaly; null: KUMO_THRESHOLD."


def _take(parse: Callable[[Any], object], description: str, example: object, **schema: Any) -> Parsed:  # noqa: ANN401 - as JSON may be
    """Declare a field that may be missing or null."""
    field = Parsed(parse, description, examples=[example], **schema)
    field.allow_none = True
    return field


def _take_pattern(name: str, example: object) -> Parsed:
    return _take(parse_text, _PATTERN.format(name=name), example, maxLength=MAX_TEXT)


class PolicyBody(Exampled):
    """The body of PUT /policies/{name}."""

    error_messages = {"unknown": "is not a field of a policy"}  # noqa: RUF012 - as marshmallow declares it

    position = _take(policies.parse_position, _POSITION, 10, type="integer", minimum=0, maximum=policies.MAX_POSITION)
    service = _take_pattern("service", "Amazon Elastic Compute Cloud")
    provider = _take_pattern("provider", None)
    account = _take_pattern("account", "prod-*")
    region = _take_pattern("region", None)
    currency = _take_pattern("currency", None)
    tags = _take(
        policies.parse_tags,
        _TAGS,
        {"team": "search"},
        type="object",
        maxProperties=MAX_TAGS,
        propertyNames={"type": "string", "maxLength": MAX_TEXT},
        additionalProperties={"type": "string", "maxLength": MAX_TEXT},
    )
    detector = _take(choice(*DETECTORS), _DETECTOR, None, type="string", enum=[*DETECTORS, None])
    threshold = _take(policies.parse_above_zero, _THRESHOLD, 3.5, type="number", exclusiveMinimum=0)
    min_impact = _take(policies.parse_least, _IMPACT, 100.0, type="number", minimum=0, maximum=money.MAX_UNITS)
    min_impact_percent = _take(policies.parse_percent, _PERCENT, 20, type="number", minimum=0)
    combine = _take(choice(*map(str, Combine)), _COMBINE, "and", type="string", enum=[*map(str, Combine), None])

    @post_load
    def policy(self, values: dict[str, Any], **_: object) -> Policy:
        """Build the policy; its name is in the path."""
        given = {name: value for name, value in values.items() if value is not None}
        match: dict[str, str] = {name: given.pop(name) for name in policies.FIELDS if name in given}
        combine = Combine(given.pop("combine", Combine.AND))
        return Policy(match=match, combine=combine, **given)


def _match(name: str) -> Callable[[KeptPolicy], str | None]:
    return lambda row: row.policy.match.get(name)


def _show_pattern(name: str, example: object) -> fields.Function:
    return declare(_match(name), _PATTERN.format(name=name), example or "", null=True)


class PolicySchema(AnswerSchema):
    """A policy."""

    name = declare("policy.name", "Its name.", "production")
    position = declare("policy.position", _POSITION, 10)
    service = _show_pattern("service", "Amazon Elastic Compute Cloud")
    provider = _show_pattern("provider", None)
    account = _show_pattern("account", "prod-*")
    region = _show_pattern("region", None)
    currency = _show_pattern("currency", None)
    tags = declare(
        lambda row: dict(row.policy.tags), _TAGS, {"team": "search"}, additionalProperties={"type": "string"}
    )
    detector = declare("policy.detector", _DETECTOR, "adaptive", null=True)
    threshold = declare("policy.threshold", _THRESHOLD, 3.5, null=True)
    min_impact = declare(lambda row: units(row.policy.min_impact), _IMPACT, 100.0, null=True)
    min_impact_percent = declare("policy.min_impact_percent", _PERCENT, 20.0, null=True)
    combine = declare("policy.combine", _COMBINE, "and", enum=[*map(str, Combine)])


class WrittenPolicySchema(PolicySchema):
    """A policy that was just written."""

    warnings = declare(
        "warnings",
        "Why it will hardly ever alert, in sentences: it covers no series, or its limits exceed their monthly cost.",
        ["The policy production covers no series."],
        items={"type": "string"},
    )


def parse_expected(text: str) -> tuple[str, ...]:
    """Read entity tags for strong comparison: weak and malformed tags match nothing."""
    found = parse_etags(text)
    return ("*",) if found.star_tag else tuple(sorted(found.as_set()))


class ExpectedHeaders(Schema):
    """The headers that limit a change to the version that the client has seen."""

    class Meta:
        """Ignore other headers."""

        unknown = EXCLUDE

    one_of = Parsed(
        parse_expected,
        "Only if the policy has this ETag (`*`: if it exists), so that no change is lost; else 412.",
        name="If-Match",
        examples=['"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"'],
    )
    none_of = Parsed(
        parse_expected,
        "Only if the policy does not have this ETag (`*`: if it does not exist); else 412.",
        name="If-None-Match",
        examples=["*"],
    )

    @post_load
    def build(self, values: dict[str, Any], **_: object) -> Expected:
        """Build the value for the engine."""
        return Expected(**values)
