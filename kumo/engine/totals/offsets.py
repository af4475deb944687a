"""What offsets the rise of a series: falls of others of its service. Read only when the rise would raise an alert."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from kumo.domain.entries import Series
from kumo.domain.groups import ALL, SERVICE, Group
from kumo.domain.offsets import LATELY, Offset, Rise, find_offset, is_whole_day
from kumo.domain.totals.folding import JudgedPeriod
from kumo.services import Services
from kumo.store import groups, siblings, things
from kumo.store.changes import Cells

MOST_SIBLINGS: Final = 5_000


def find(services: Services, riser: Series, rise: Rise, micros: int) -> Offset | None:
    """Return what offsets a rise of a series by so many micros on its last day; None if nothing does."""
    store = services.store
    others = [each for each in siblings.list_ids(store, riser.service, riser.currency) if each != riser.id]
    if not others:
        return None
    service, whole = Group(SERVICE, (riser.service,), riser.currency).id, Group(ALL, (), riser.currency).id
    judged = things.read_periods(store, [service, whole], rise.last - LATELY, rise.last)
    shares = groups.read_shares(store, {each: Cells(days={rise.last}) for each in (service, whole)})
    total, of_all = (shares[each][rise.last].judged.micros for each in (service, whole))
    if not _is_within(judged[service], rise.last, total):
        return None
    if rise.last >= rise.first_running:
        usual = _find_usual(judged[whole]) - _find_usual(judged[service])
        rise = replace(rise, is_whole=is_whole_day(of_all - total, usual))
    days = siblings.read_days(store, others[:MOST_SIBLINGS], rise.days)
    return find_offset(micros, (each.describe(series_id, rise) for series_id, each in days), within_usual=True)


def _is_within(judged: Mapping[int, JudgedPeriod], day: int, total: int) -> bool:
    """Return whether a service costs no more than it may on a day: by its verdict, or the newest days before it.

    The day itself may not be judged yet, since the judge of the service's total may be another one.
    """
    known = [period for period in ([judged[day]] if day in judged else judged.values()) if period.usual is not None]
    return any(period.limit is None or total <= period.limit for period in known)


def _find_usual(judged: Mapping[int, JudgedPeriod]) -> int:
    """Return the newest usual amount."""
    usual = [period.usual for period in judged.values() if period.usual is not None]
    return usual[-1] if usual else 0
