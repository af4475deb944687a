"""What is judged by its totals: series and groups, each with the policy, the detector and the first running day."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kumo.domain.entries import Series
from kumo.domain.groups import COMPLETE_DAYS, Group, has_own_verdict
from kumo.domain.policies import SETTINGS
from kumo.engine import selection
from kumo.engine.selection import Chosen
from kumo.engine.totals import group_calendar
from kumo.engine.totals.calendar import Calendar
from kumo.services import Services
from kumo.store import census, fleets, groups, series
from kumo.store.partition import Partition
from kumo.store.progress import name_provider


@dataclass(frozen=True, slots=True)
class Subject:
    """A series or a group that is judged: who judges it, and its first running day."""

    identity: Series | Group
    chosen: Chosen
    first_running: int


def describe(
    services: Services, partition: Partition, thing_ids: Collection[str], calendar: Calendar
) -> dict[str, Subject]:
    """Return what is judged of some things of a partition, by id: no excluded series, no group without own verdict."""
    identities = series.identities(services.store, list(thing_ids))
    judged = {thing: identity for thing, identity in identities.items() if not identity.charge_category}
    chosen = selection.choose_for_series(services, judged)
    subjects = {
        thing: Subject(identity, chosen[thing], calendar.find_first_running_day(name_provider(identity)))
        for thing, identity in judged.items()
    }
    others = [thing for thing in thing_ids if thing not in identities]
    return subjects | dict(_describe_groups(services, partition, others, calendar))


def _describe_groups(
    services: Services, partition: Partition, group_ids: Collection[str], calendar: Calendar
) -> Iterator[tuple[str, Subject]]:
    known = groups.describe(services.store, list(group_ids))
    if not known:
        return
    counted = census.read(services.store, partition, list(known))
    fleet = fleets.read(services.store).days
    members = groups.count_members(services.store, list(known))
    providers = groups.providers_of(services.store, list(known))
    days = group_calendar.read(services, calendar, {group.currency for group in known.values()})
    for thing, group in known.items():
        # A census writes which groups are judged before it writes the fleet.
        counted_days = fleet[group.currency].complete_days if group.currency in fleet else 0
        if has_own_verdict(
            group,
            complete_days=COMPLETE_DAYS if counted.get(thing) else counted_days,
            series=members[thing],
            is_chosen=counted.get(thing, True),
        ):
            chosen = Chosen(SETTINGS, services.detector)
            yield thing, Subject(group, chosen, days.find_first_running_day(providers[thing]))
