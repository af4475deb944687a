"""Tag sets: which groups of values of tags an entry is in, through restating, removing and other keys of tags."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import Group, share_entry
from kumo.domain.parts import OTHER_VALUES, Parts
from kumo.engine.ops import verification
from kumo.services import Services
from kumo.store import client, entries, entry_codec, groups, scopes, series, sharing, tag_sets
from kumo.store.changes import Cells
from kumo.store.client import Store
from kumo.store.groups import NO_SHARE, ShareOfDay
from kumo.store.scopes import Place, PlannedEntry
from kumo.store.tag_sets import write_tag_set
from tests.conftest import Build

KEYS = ("team", "env")
DAY = 20_240
SCOPE = "0123456789abcdef0123"
HERE = [Series("EC2", "USD"), Series("S3", "EUR", account="prod"), Series("EC2", "USD", charge_category="tax")]


def team(value: str, key: str = "team") -> str:
    return Group(f"tag:{key}", (value,), "USD").id


def entry(amount: int = 10, parts: Parts | None = None, **more: object) -> Entry:
    return Entry(HERE[0], amount, DAY * DAY_MS, parts=parts or {}, **more)  # type: ignore[arg-type]  # of any type


@pytest.mark.parametrize(
    ("given_entry", "text"),
    [
        (entry(), f"{team('')} {team('', 'env')}"),
        (entry(tags={"Team": "ML ", "other": "x"}), f"{team('ml')} {team('', 'env')}"),
        (entry(tags={"Team": "\u200b", "TEAM": "a", "team": "b"}), f"{team('a')} {team('', 'env')}"),
        (entry(parts={"env": {"prod": 10}}), f"{team('')} {team('prod', 'env')}"),
        (entry(parts={"env": {"prod": 4, "PROD": 6}}), f"{team('')} {team('prod', 'env')}"),
        (
            entry(parts={"x": {"a": 1, "b": 9}, "Team": {"a": 4, "b": 6}}),
            f"2={team('a')},{team('b')} {team('', 'env')}",
        ),
        (
            entry(parts={"team": {"a": 4, "b": 5, "A": 1}}),
            f"1={team('a')},{team('b')},{team('a')} {team('', 'env')}",
        ),
    ],
)
def test_a_set_has_an_item_for_each_key(given_entry: Entry, text: str) -> None:
    assert write_tag_set(given_entry, KEYS)[0] == text
    expected = {share.group.id: share.total for share in share_entry(given_entry, KEYS) if share.group.tag}
    assert tag_sets.share_by_tags(given_entry, text) == expected


values = st.sampled_from(["", "ml", "ML", "search", OTHER_VALUES])
amounts = st.sampled_from([1, -1, 0, 5_000_000, 10**18 - 1, -(10**18), 999_999_999])
tags = st.dictionaries(st.sampled_from(["team", "Team", "env", "x"]), values, max_size=3)
splits = st.dictionaries(values, amounts, min_size=1, max_size=4)
parts_of = st.dictionaries(st.sampled_from(["team", "env", "x"]), splits, max_size=2)
quantities = st.none() | st.tuples(amounts, st.sampled_from(["", "Hrs", "hrs", 'G"B']))


@st.composite
def changes_of_a_store(draw: st.DrawFn) -> tuple[str, Entry | None, int]:
    """Draw a recorded entry, or one that an import writes or removes; and the series."""
    kind = draw(st.sampled_from(["record", "record", "replace", "replace", "remove"]))
    which, day = draw(st.integers(0, len(HERE) - 1)), DAY + draw(st.integers(0, 2))
    quantity, unit = draw(quantities) or (None, "")
    made = Entry(HERE[which], draw(amounts), day * DAY_MS, quantity=quantity, unit=unit)
    if kind == "record":
        name = draw(st.sampled_from(["", "a", "b"]))
        return kind, replace(made, tags=draw(tags), external_id=f"{name}{day}" if name else ""), which
    split = draw(parts_of)
    whole = next((sum(each.values()) for each in split.values()), made.amount)
    fitting = {key: each for key, each in split.items() if sum(each.values()) == whole}
    if abs(whole) > 10**18:
        fitting, whole = {}, made.amount
    external = scopes.external_id(SCOPE, made.timestamp)
    return kind, replace(made, amount=whole, parts=fitting, external_id=external), which


def apply(store: Store, history: Sequence[tuple[str, Entry, int]]) -> None:
    for kind, made, which in history:
        partition = store.partition(HERE[which].id)
        if kind == "record":
            entries.record(store, partition, [(HERE[which].id, made)])
        else:
            place = Place(HERE[which].id, made.timestamp)
            scopes.replace(store, partition, 1, [PlannedEntry(SCOPE, place, made if kind == "replace" else None)])


def check(services: Services, keys: Sequence[str]) -> None:
    """Hold the shares of groups against the entries that are there."""
    store = services.store
    expected: dict[str, dict[int, ShareOfDay]] = defaultdict(dict)
    for series_id, identity in series.identities(store, series.matching(store, {})).items():
        for number, time, _ in entries.history(store, series_id, 100):
            [text] = entries.read_details(store, [(series_id, number)])
            for share in share_entry(entry_codec.read_entry(identity, time, text or b""), keys):
                known = expected[share.group.id].get(time // DAY_MS, NO_SHARE)
                more = ShareOfDay(share.total) if share.is_judged else ShareOfDay(excluded=share.total)
                expected[share.group.id][time // DAY_MS] = known.combine(more)
    names = ["all", "account,service", *(f"tag:{key}" for key in (*KEYS, "x"))]
    listed = [group.id for name in names for group in groups.list_values(store, name)]
    assert {each.id for each in groups.list_values(store, "tag:team")} == {
        each for each, group in groups.describe(replace(store, tag_keys=("team",)), [*expected]).items() if group.tag
    }
    assert set(listed) <= expected.keys()
    found = groups.read_shares(store, {each: Cells(blocks={DAY // 256, (DAY + 2) // 256}) for each in expected})
    assert found == expected
    assert list(verification.differences(services)) == []


@pytest.fixture
def services(build: Build) -> Services:
    built = build(KUMO_PARTITIONS="2", KUMO_TAG_KEYS=",".join(KEYS))
    built.check_layout()
    return built


@given(history=st.lists(changes_of_a_store(), min_size=1, max_size=25))
# The store is emptied before each history.
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shares_are_those_of_the_entries_whatever_is_recorded_restated_and_removed(
    services: Services, history: list[tuple[str, Entry, int]]
) -> None:
    services.store.client.flushall()
    client.check_layout(services.store)
    scopes.claim(services.store, 1, [SCOPE], 0)
    apply(services.store, history)
    check(services, KEYS)
    other = replace(services, store=replace(services.store, tag_keys=("team", "x")))
    apply(other.store, history[: len(history) // 2])
    assert list(verification.differences(other)) == []
    list(sharing.tag_entries(other.store))
    check(other, ("team", "x"))
    assert list(sharing.tag_entries(other.store)) == [0] * len(series.matching(other.store, {}))
