"""All costs of a currency: which of their days are over, and what a day usually costs."""

from statistics import median_low
from typing import Final

from kumo.domain.groups import ALL
from kumo.domain.worth import FleetDay
from kumo.engine.totals import calendar, group_calendar
from kumo.engine.totals.group_calendar import DAYS_BACK
from kumo.services import Services
from kumo.store import census, groups, things
from kumo.store.series import day_of

USUAL_DAYS: Final = 7  # of which the median is the usual day: weekends differ


def describe_all(services: Services) -> dict[str, FleetDay]:
    """Return the last complete day of each currency, how many there are, and the usual amount of a day."""
    found, known = census.list_groups(services.store, ALL), calendar.read(services, {})
    days: dict[str, FleetDay] = {}
    for whole, group in found.items():
        providers = group_calendar.read(services, known, {group.currency})
        running = providers.find_first_running_day(list(providers.feeds))
        days[group.currency] = _describe(services, whole, running)
    return days


def _describe(services: Services, whole: str, running: int) -> FleetDay:
    [found] = groups.read_totals(services.store, [whole], 0, day_of(services.clock()) + 1).values()
    totals = {day: total.judged.micros for day, total in sorted(found.items()) if total.judged.exists}
    days = [day for day in totals if day < running]
    if not days:
        return FleetDay()
    newest = things.read_periods(services.store, [whole], days[-1] - DAYS_BACK, running)[whole].values()
    usual = [period.usual for period in newest if period.usual is not None] or [totals[day] for day in days]
    return FleetDay(day=days[-1], complete_days=len(days), usual_day=median_low(usual[-USUAL_DAYS:]))
