"""What is judged by its totals: series and groups, each with the policy, the detector and the first running day."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from kumo.domain.entries import Series
from kumo.domain.first_spend import SILENT_DAYS
from kumo.domain.groups import COMPLETE_DAYS, Group, has_own_verdict
from kumo.domain.policies import SETTINGS
from kumo.engine import selection
from kumo.engine.selection import Chosen
from kumo.engine.totals import first_spends, group_calendar
from kumo.engine.totals.calendar import Calendar
from kumo.services import Services
from kumo.store import census, day_sums, fleets, groups, series
from kumo.store.partition import Partition
from kumo.store.progress import name_provider
from kumo.store.series import day_of


@dataclass(frozen=True, slots=True)
class Subject:
    """A series or a group that is judged: who judges it, and its first running day; of a series also the hour."""

    identity: Series | Group
    chosen: Chosen
    first_running: int
    first_running_hour: int = 0

    @property
    def is_group(self) -> bool:
        """Whether it is a group."""
        return isinstance(self.identity, Group)


def describe(
    services: Services, partition: Partition, dirty: Mapping[str, int], calendar: Calendar
) -> dict[str, Subject]:
    """Return what is judged of some things of a partition, by id; `dirty` has their oldest changed days.

    These are no excluded series, and no groups without a verdict of their own unless they are a first spend.
    """
    identities = series.identities(services.store, list(dirty))
    judged = {thing: identity for thing, identity in identities.items() if not identity.charge_category}
    chosen = selection.choose_for_series(services, judged)
    subjects = {thing: _describe_series(identity, chosen[thing], calendar) for thing, identity in judged.items()}
    others = {thing: day for thing, day in dirty.items() if thing not in identities}
    return subjects | dict(_describe_groups(services, partition, others, calendar))


def _describe_series(identity: Series, chosen: Chosen, calendar: Calendar) -> Subject:
    provider = name_provider(identity)
    return Subject(
        identity=identity,
        chosen=chosen,
        first_running=calendar.find_first_running_day(provider),
        first_running_hour=calendar.find_first_running_hour(provider),
    )


def _describe_groups(
    services: Services, partition: Partition, dirty: Mapping[str, int], calendar: Calendar
) -> Iterator[tuple[str, Subject]]:
    known = groups.describe(services.store, list(dirty))
    if not known:
        return
    judged = _select_judged(services, partition, known)
    judged |= first_spends.select_groups(services, partition, _read_recent_days(services, dirty, set(known) - judged))
    providers = groups.providers_of(services.store, sorted(judged))
    days = group_calendar.read(services, calendar, {group.currency for group in known.values()})
    for thing in judged:
        chosen = Chosen(SETTINGS, services.detector)
        yield thing, Subject(known[thing], chosen, days.find_first_running_day(providers[thing]))


def _select_judged(services: Services, partition: Partition, known: Mapping[str, Group]) -> set[str]:
    """Return the groups that have a verdict of their own."""
    counted = census.read(services.store, partition, list(known))
    fleet = fleets.read(services.store).days
    members = groups.count_members(services.store, list(known))

    def is_judged(thing: str, group: Group) -> bool:
        # A census writes which groups are judged before it writes the fleet.
        days = fleet[group.currency].complete_days if group.currency in fleet else 0
        return has_own_verdict(
            group,
            complete_days=COMPLETE_DAYS if counted.get(thing) else days,
            series=members[thing],
            is_chosen=counted.get(thing, True),
        )

    return {thing for thing, group in known.items() if is_judged(thing, group)}


def _read_recent_days(
    services: Services, dirty: Mapping[str, int], group_ids: Collection[str]
) -> dict[str, dict[int, int]]:
    """Return what groups spent on recent days that may have changed, in micros by day."""
    today = day_of(services.clock())
    first = min((dirty[group] for group in group_ids), default=today)
    return dict(day_sums.read_days(services.store, sorted(group_ids), max(first, today - SILENT_DAYS), today + 1))
