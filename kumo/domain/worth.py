"""Which anomalies are worth an alert: by their money, and by their rarity among all judged things.

With a thousand healthy things, something that is rare in each of them happens every day. So an anomaly raises an alert
only if its chance is within its thing's part of a budget: a number of false alerts a month for the whole installation.
The parts are weights that add up to one, as in weighted Bonferroni testing (Genovese, Roeder and Wasserman 2006, "False
discovery control with p-value weighting", Biometrika 93). Detection itself is not affected.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from kumo.domain.denominations import scale_units
from kumo.domain.judging import WINDOWED

MONTH_DAYS: Final = 30
OUTGROWN: Final = 1.5  # times as many series and groups as when the fleet was counted
DEFAULT_IMPACT: Final = 1.0
DEFAULT_SHARE: Final = 0.001


class NotSent(StrEnum):
    """Why an anomaly raises no alert, in the order in which the reasons are named if there are several."""

    TOO_OLD = "too_old"
    BELOW_MINIMUM = "below_minimum"
    WITHIN_BUDGET = "within_budget"
    OFFSET = "offset"
    PLANNED = "planned"
    SNOOZED = "snoozed"
    FEEDBACK = "feedback"
    NO_DESTINATION = "no_destination"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLimits:
    """The limits of all alerts, unless a policy has others.

    `min_impact` is in units, scaled by denomination, `min_share` a share of the usual day of `all`, `false_alerts`
    the budget a month; 0 switches each of them off.
    """

    min_impact: float = DEFAULT_IMPACT
    min_share: float = DEFAULT_SHARE
    false_alerts: float = 4.0


def limits_of(detector: str, min_impact: float | None, min_share: float | None, false_alerts: float) -> AlertLimits:
    """Return the limits for a detector; None means a minimum that is not set. `zscore` has none by default."""
    plain = detector == WINDOWED
    impact, share = (0.0, 0.0) if plain else (DEFAULT_IMPACT, DEFAULT_SHARE)
    return AlertLimits(
        min_impact=impact if min_impact is None else min_impact,
        min_share=share if min_share is None else min_share,
        false_alerts=0.0 if plain else false_alerts,
    )


class Fleet(NamedTuple):
    """The things that are judged and have a total on the last complete day of their currency's `all`.

    `things` counts those of all currencies, `of_currency` those of one; `spend` is the sum of the sizes of their totals
    in micros.
    """

    things: int
    of_currency: int
    spend: int


NO_FLEET: Final = Fleet(things=0, of_currency=0, spend=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetDay:
    """What is known of the judged things of one currency, on the last complete day of its `all`.

    `day` is counted from 1970; there is none if `complete_days`, those of `all`, is 0. `usual_day` is the usual amount
    of `all` in micros, None if it is not known. `things` counts what is judged and has a total on that day, `spend`
    is the sum of the sizes of these totals in micros. `stored` is how many series and groups the store had then.
    """

    day: int = 0
    complete_days: int = 0
    usual_day: int | None = None
    things: int = 0
    spend: int = 0
    stored: int = 0

    def is_outgrown(self, stored: int) -> bool:
        """Return whether the store has so many series and groups now that the count says little."""
        return stored > OUTGROWN * self.stored


def select_fleet(days: Mapping[str, FleetDay], currency: str) -> Fleet:
    """Return the fleet as one of its currencies is weighed in it."""
    own = days.get(currency, FleetDay())
    return Fleet(things=sum(each.things for each in days.values()), of_currency=own.things, spend=own.spend)


def weigh(fleet: Fleet, micros: int) -> float:
    """Return the weight of a thing with this total on the last complete day, 0 if it has none then.

    Half of all weight is shared equally, half by spend; that half is divided among currencies by their things. All
    weights add up to one. A thing outside of the fleet has the equal part.
    """
    if not fleet.things:
        return 1.0
    equal = 0.5 / fleet.things
    if not fleet.spend:
        return equal
    return equal + 0.5 * fleet.of_currency / fleet.things * (abs(micros) / fleet.spend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An anomaly that may raise an alert.

    `impact` and `usual_day`, the usual day of `all`, are in micros; the latter is None if it is not known. `chance` is
    the detector's, per day, None if it has none. `policy_allows`: the policy's own minimum is reached, None
    if it has none. `free`: a first spend, or an anomaly under a policy with its own threshold, which need no budget.
    """

    currency: str
    impact: int
    usual_day: int | None
    chance: float | None
    weight: float
    policy_allows: bool | None = None
    free: bool = False


def find_reason(candidate: Candidate, limits: AlertLimits) -> NotSent | None:
    """Return why an anomaly is not worth an alert; None if it is."""
    if not _reaches_minimum(candidate, limits):
        return NotSent.BELOW_MINIMUM
    return None if _is_rare(candidate, limits) else NotSent.WITHIN_BUDGET


def choose_reason(reasons: Iterable[NotSent]) -> NotSent | None:
    """Return the reason that is named, of all that there are; None if there is none."""
    found = set(reasons)
    return next((reason for reason in NotSent if reason in found), None)


def _reaches_minimum(candidate: Candidate, limits: AlertLimits) -> bool:
    if candidate.policy_allows is not None:
        return candidate.policy_allows
    share = limits.min_share * abs(candidate.usual_day or 0)
    return candidate.impact >= max(scale_units(limits.min_impact, candidate.currency), share)


def _is_rare(candidate: Candidate, limits: AlertLimits) -> bool:
    if candidate.free or not limits.false_alerts or candidate.chance is None:
        return True
    return candidate.chance <= candidate.weight * limits.false_alerts / MONTH_DAYS
