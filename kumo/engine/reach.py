"""Whether what policies ask of an alert can be reached at all by the spend that they cover."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from kumo.domain import money
from kumo.domain.rules import Rule
from kumo.services import Services
from kumo.store import rules
from kumo.store import series as store_series

DAYS: Final = 31


def unreachable(services: Services) -> Iterator[str]:
    """Yield a sentence for each policy whose least impact is above all that its series cost in the last 31 days.

    Also for one that covers no series. Tags are not looked at: any series might get them.
    """
    asked = rules.listed(services.store)
    known = store_series.identities(services.store, store_series.matching(services.store, {})) if asked else {}
    for rule in asked:
        covered = [series_id for series_id, series in known.items() if replace(rule, tags={}).covers(series, {})]
        if not covered:
            yield f"The policy {rule.name} covers no series there is."
        elif rule.min_impact is not None:
            yield from _out_of_reach(services, rule, covered)


def _out_of_reach(services: Services, rule: Rule, covered: list[str]) -> Iterator[str]:
    today = store_series.day_of(services.clock())
    daily = store_series.daily(services.store, covered, today - DAYS, today)
    spent = sum(max(0, micros) for _, rows in daily for _, _, micros in rows)
    if spent < (rule.min_impact or 0):
        least, spend = money.exact(rule.min_impact or 0), money.exact(spent)
        yield (
            f"The policy {rule.name} alerts from an impact of {least}, but all that it covers cost {spend} in {DAYS}"
            " days: it will hardly ever alert."
        )
