"""Combined totals of groups, in their homes: what is stored of the sums of the shares (kumo.store.groups)."""

from collections.abc import Mapping

from kumo.store.changes import Cells
from kumo.store.client import Store
from kumo.store.groups import Part, ShareOfDay, Totals, split_cells
from kumo.store.signatures import Row
from kumo.store.total_codec import write_total


def read_combined(store: Store, cells: Mapping[str, Cells]) -> Totals:
    """Return the combined totals of groups on the days of some cells; days without one are left out."""
    asked = [
        Part(part.thing, part.block, f"{store.partition(part.thing).daily}{part.thing}:{part.block}", part.fields)
        for group, wanted in cells.items()
        for part in {each.block: each for each in split_cells(store, group, wanted)}.values()
    ]
    found: Totals = {group: {} for group in cells}
    for part, answer in zip(asked, store.many(part.command for part in asked), strict=True):
        found[part.thing] |= part.read(answer)
    return found


def pack_combined(group_id: str, day: int, total: ShareOfDay) -> Row:
    """Return the combined total of a group on a day for a script that sets it (lua/parts/combined.lua)."""
    return {
        "group": group_id,
        "day": day,
        "judged": write_total(total.judged),
        "excluded": write_total(total.excluded),
    }
