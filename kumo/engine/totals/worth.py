"""What is worth an alert, by the fleet that the last census counted (kumo.domain.worth says how)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kumo.domain import first_spend, worth
from kumo.domain.policies import Policy
from kumo.domain.totals.episodes import Episode
from kumo.domain.worth import Candidate, Fleet, FleetDay, NotSent
from kumo.services import Services
from kumo.settings import Settings
from kumo.store import fleets

NOTHING_KNOWN: Final = FleetDay()


@dataclass(frozen=True, slots=True)
class Fleets:
    """The fleet of each currency on its last complete day; `stored` is how many series and groups there are now."""

    settings: Settings
    days: Mapping[str, FleetDay]
    stored: int

    def find_day(self, currency: str) -> FleetDay:
        """Return what is known of a currency, with the last complete day of its `all`."""
        return self.days.get(currency, NOTHING_KNOWN)

    def find_reason(self, currency: str, episode: Episode, spend_before: int, policy: Policy) -> NotSent | None:
        """Return why an episode of a series or group is not worth an alert; None if it is.

        `spend_before` is what the thing spent, in micros, on the day of `find_day`, 0 if nothing. `policy` is the one
        that covers it: its own minimum replaces those of the settings, its own threshold needs no budget.
        """
        candidate = Candidate(
            currency=currency,
            impact=episode.impact,
            usual_day=self.find_day(currency).usual_day,
            chance=episode.chance,
            weight=worth.weigh(self._select(currency), spend_before),
            policy_allows=policy.allows(episode.impact, episode.impact_percent),
            free=policy.threshold is not None,
        )
        settings = self.settings
        limits = worth.limits_of(
            policy.detector or settings.detector, settings.min_impact, settings.min_share, settings.false_alerts
        )
        return worth.find_reason(candidate, limits)

    def compute_first_limit(self, currency: str, day: int) -> int | None:
        """Return the micros above which a day of something new is an anomaly; None if none is.

        Ten days of the currency's `all` must be complete before that day: what a history begins with is not news.
        """
        known = self.find_day(currency)
        before = known.complete_days - max(known.day - day + 1, 0)
        return first_spend.compute_limit(self.settings.first_spend, known.usual_day, before, currency)

    def may_be_first(self, day: int, micros: int) -> bool:
        """Return whether something new that spent so much on a day is an anomaly in any currency."""
        limits = (self.compute_first_limit(currency, day) for currency in self.days)
        return any(limit is not None and micros > limit for limit in limits)

    def _select(self, currency: str) -> Fleet:
        """Return the fleet; one of all that is stored if no census has counted it, or only a part of it."""
        known = self.find_day(currency)
        if not known.things or known.is_outgrown(self.stored):
            return Fleet(things=self.stored, of_currency=0, spend=0)
        return worth.select_fleet(self.days, currency)


def read(services: Services) -> Fleets:
    """Read the fleet, in one round trip."""
    found = fleets.read(services.store)
    return Fleets(services.settings, found.days, found.stored)
