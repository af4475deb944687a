"""Policies: which detector and threshold judge the series of a filter, and which anomalies raise alerts.

The limits of alerts are in money and never change a verdict: an anomaly below them is listed without an alert.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple

from kumo.domain import money
from kumo.domain.entries import MAX_TAGS, Series, parse_text
from kumo.domain.judging import Verdict
from kumo.domain.names import compare_name
from kumo.domain.parts import Labels, share

ANY: Final = "*"
FIELDS: Final[tuple[str, ...]] = ("service", "provider", "account", "region", "currency")
MAX_POSITION: Final = 1_000_000
# The share of an entry that must have a wanted tag: four fifths, minus rounding errors of floats.
COVERED: Final = 0.8 - 1e-9

NAMES: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)


class Combine(StrEnum):
    """Whether an alert needs both the minimum impact and the minimum percentage, or one of them."""

    AND = "and"
    OR = "or"


@dataclass(frozen=True, slots=True)
class Policy:
    """The configuration of the series that it covers and that no earlier policy covers.

    `match` has the wanted text by field of a series, `tags` by tag of an entry; `*` in it stands for any text. Texts
    and tag keys are compared as names, in any spelling. `detector` and `threshold` are None for those of the settings.
    `min_impact` is in micros of the series' currency, `min_impact_percent` in percent of the expected amount. Policies
    are checked in the order of `position`, then of names.
    """

    name: str = ""
    position: int = 0
    match: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    detector: str | None = None
    threshold: float | None = None
    min_impact: int | None = None
    min_impact_percent: float | None = None
    combine: Combine = Combine.AND

    def covers(self, series: Series, labels: Labels) -> bool:
        """Return whether it covers an entry of this series with these tag values.

        If the parts of an entry have several values of a tag, most of the amount must have a wanted one.
        """
        return all(_fits(wanted, getattr(series, name)) for name, wanted in self.match.items()) and all(
            share(labels.get(compare_name(key), {}), partial(_fits, wanted)) >= COVERED
            for key, wanted in self.tags.items()
        )

    def is_worth_alert(self, verdict: Verdict, impact: int) -> bool:
        """Return whether an anomaly is worth an alert, given the current verdict and its impact in micros so far."""
        return self.allows(impact, verdict.impact_percent) is not False

    def allows(self, impact: int, percent: float | None) -> bool | None:
        """Return whether an impact in micros reaches the policy's own minimum; None if it has none.

        `percent` is the impact in percent of the expected amount, None if nothing was expected.
        """
        enough = []
        if self.min_impact is not None:
            enough.append(impact >= self.min_impact)
        if self.min_impact_percent is not None:
            enough.append((math.inf if percent is None else percent) >= self.min_impact_percent)
        if not enough:
            return None
        return all(enough) if self.combine is Combine.AND else any(enough)


SETTINGS: Final = Policy()


def choose_policy(policies: Iterable[Policy], series: Series, labels: Labels) -> Policy:
    """Return the first policy that covers an entry, or the one that leaves everything to the settings."""
    return next((policy for policy in policies if policy.covers(series, labels)), SETTINGS)


def in_order(policies: Iterable[Policy]) -> list[Policy]:
    """Return policies in the order in which they are checked."""
    return sorted(policies, key=lambda policy: (policy.position, policy.name))


def _fits(wanted: str, text: str) -> bool:
    """Return whether a name matches the wanted text, in which `*` stands for any text.

    Each part is matched at its first occurrence, which leaves the most text for the others. So nothing is tried twice.
    A regular expression would backtrack, and many stars would keep a judge busy for ever.
    """
    text = compare_name(text)
    first, *parts = compare_name(wanted).split(ANY)
    if not parts:
        return text == first
    if not text.startswith(first):
        return False
    *middle, last = parts
    at = len(first)
    for part in middle:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return text.endswith(last) and len(text) >= at + len(last)


def parse_name(value: object) -> str:
    """Parse the name of a policy; raise `ValueError`."""
    if not isinstance(value, str) or not NAMES.fullmatch(value):
        raise ValueError("must be 1 to 63 of a-z, 0-9, dot, hyphen and underscore, and begin with a letter or digit")
    return value


def parse_position(value: object) -> int:
    """Parse the position of a policy; raise `ValueError`."""
    number = _number(value)
    if number != int(number) or not 0 <= number <= MAX_POSITION:
        raise ValueError(f"must be a whole number from 0 to {MAX_POSITION}")
    return int(number)


def parse_above_zero(value: object) -> float:
    """Parse a threshold; raise `ValueError`."""
    number = _number(value)
    if number <= 0:
        raise ValueError("must be above 0")
    return number


def parse_percent(value: object) -> float:
    """Parse a percentage from 0 on; raise `ValueError`."""
    number = _number(value)
    if number < 0:
        raise ValueError("must be at least 0")
    return number


def parse_least(value: object) -> int:
    """Parse an amount from 0 on into micros; raise `ValueError`."""
    if _number(value) < 0:
        raise ValueError("must be at least 0")
    return money.to_micros(value)


def parse_tags(value: object) -> dict[str, str]:
    """Parse the wanted tags: at most fifty pairs of texts; raise `ValueError`."""
    if not isinstance(value, Mapping) or len(value) > MAX_TAGS:
        raise ValueError(f"must be an object of at most {MAX_TAGS} strings")
    return {parse_text(name): parse_text(text) for name, text in value.items()}


def _number(value: object) -> float:
    try:
        number = math.nan if isinstance(value, (bool, str)) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


class KeptPolicy(NamedTuple):
    """A stored policy and its revision, a text that differs after each change."""

    policy: Policy
    revision: str


class Expected(NamedTuple):
    """What a client expects of a stored policy (RFC 9110, 13.1): one of some revisions, or none of some others.

    `*` is any revision; None is no expectation.
    """

    one_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None


NOTHING_EXPECTED: Final = Expected()
