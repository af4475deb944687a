"""The series of groups that have only one: such a group has the verdicts of its series, and none of its own."""

from collections.abc import Mapping

from kumo.domain.groups import ALL, Group
from kumo.store import groups
from kumo.store.client import Store
from kumo.store.commands import sinter
from kumo.store.series import sets


def find_lone_series(store: Store, wanted: Mapping[str, Group]) -> dict[str, str]:
    """Return the ids of the series of those groups that have only one, by the ids of the groups.

    Groups of tags are left out: a series may belong to several with parts of its costs.
    """
    counts = groups.count_members(store, list(wanted))
    alone = {name: _name_values(group) for name, group in wanted.items() if counts[name] == 1 and group.tag is None}
    asked = [(name, partition) for name in alone for partition in store.partitions]
    answers = store.many(sinter(*sets(partition, alone[name])) for name, partition in asked)
    return {name: each.decode() for (name, _), ids in zip(asked, answers, strict=True) for each in ids}


def _name_values(group: Group) -> dict[str, str]:
    """Return what all series of a group share, as filters."""
    names = [] if group.dimension == ALL else group.dimension.split(",")
    return dict(zip(names, group.value, strict=True)) | {"currency": group.currency}
