"""Scenes of imports, policies, room for uploads, leases and the census."""

from functools import partial
from typing import Final

from kumo.domain.imports import Import, ImportStatus
from kumo.domain.policies import Expected, Policy
from kumo.store import census, imports, leases, policies, room
from kumo.store.census import Chosen
from kumo.store.client import Store
from kumo.store.policies import PolicyChange
from tests.cut_scripts import Passage
from tests.store.contention.stage import Scene, Stage

LEASE: Final = "kumo:sweep"


def store_import(on: Stage) -> None:
    """Two importers, and two of their repeats, store the end of one import: it is counted once."""
    row = Import(1, "bill.csv", status=ImportStatus.DONE)
    on.rivals(*[lambda store: imports.save(store, row)] * 16)
    assert imports.count_ended(on.store) == {ImportStatus.DONE: 1}
    assert imports.find(on.store, 1) == row


def change_policy(on: Stage) -> None:
    """Many try to write a policy first, and then to change the version they have seen: one wins each time."""

    def save(expected: Expected, position: int, store: Store) -> PolicyChange:
        return policies.save(store, Policy("one", position), 5, expected)[0]

    new = on.rivals(*(partial(save, Expected(none_of=("*",)), number) for number in range(16)))
    assert sorted(new) == sorted([PolicyChange.DONE] + [PolicyChange.UNEXPECTED] * 15)
    seen = policies.find(on.store, "one")
    assert seen
    changed = on.rivals(*(partial(save, Expected(one_of=(seen.revision,)), number) for number in range(16, 32)))
    assert sorted(changed) == sorted([PolicyChange.DONE] + [PolicyChange.UNEXPECTED] * 15)


def reserve_room(on: Stage) -> None:
    """Sixteen uploads of ten bytes want room where 55 bytes are allowed: five have it."""

    def reserve(number: int, store: Store) -> bool:
        return room.reserve(store, f"token {number}", 10, 55) is None

    assert sum(on.rivals(*(partial(reserve, number) for number in range(16)))) == 5


def release_lease(on: Stage) -> None:
    """Earlier holders of a lease release it while another holds it: only that one can."""
    assert leases.take(on.store, LEASE, "holder", 60_000)

    def release(number: int, store: Store) -> bool:
        leases.release(store, LEASE, f"earlier {number}")
        return leases.take(store, LEASE, f"earlier {number}", 60_000)

    assert not any(on.rivals(*(partial(release, number) for number in range(16))))
    on.rivals(*[lambda store: leases.release(store, LEASE, "holder")] * 4)
    taken = on.rivals(*(lambda store, n=n: leases.take(store, LEASE, f"next {n}", 60_000) for n in range(16)))
    assert sum(taken) == 1


def replace_census(on: Stage) -> None:
    """Sixteen censuses of the same groups at once: one of them stands, and what any began to judge is marked."""
    groups = [f"group{number:011d}" for number in range(40)]

    def choose(number: int, store: Store) -> int:
        return census.replace(store, on.partition, Chosen(groups[number : number + 20], groups[number + 20 :]))

    begun = on.rivals(*(partial(choose, number) for number in range(16)))
    found = census.read(on.store, on.partition, groups)
    judged = [group for group in groups if found.get(group)]
    start = groups.index(judged[0])
    assert (judged, len(found)) == (groups[start : start + 20], 40 - start)
    assert on.store.client.get(on.partition.version) == b"16"
    marked = on.store.client.zrange(on.partition.unfolded, 0, -1, withscores=True)
    assert {name.decode() for name, _ in marked} >= set(judged)
    assert sum(begun) >= len(marked)


SCENES: Final = {
    "replace_census": Scene(
        replace_census, Passage("changes = changes + redis.call('HDEL', keys.census, id)", "changes = changes + 1")
    ),
    "store_import": Scene(store_import, Passage("(before and cjson.decode(before).status == args.status)", "false")),
    "change_policy": Scene(
        change_policy, Passage("if args.none_of ~= '' and is_among(args.none_of) then return 'unexpected' end")
    ),
    "reserve_room": Scene(reserve_room, Passage("if grows and is_full then return {0, bytes, count} end")),
    "release_lease": Scene(release_lease, Passage("== args.token", "~= ''")),
}
