"""Totals of groups in the store: shares of partitions and their sums, values by dimension, members."""

from collections.abc import Iterable, Mapping

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series, partition_of
from kumo.domain.groups import ALL, DIMENSIONS, Group, groups_of_series
from kumo.domain.totals.amounts import PeriodTotal
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import changes, combined, groups, scopes, scripts
from kumo.store.changes import Cells
from kumo.store.groups import NO_SHARE, ShareOfDay
from kumo.store.scopes import Place, PlannedEntry
from kumo.store.series import Daily
from tests.clocks import StoreClock

DAY = 20_240
USAGE = Series("EC2", "USD", account="prod")
TAX = Series("EC2", "USD", account="prod", charge_category="tax")
WHOLE = Group(ALL, (), "USD").id
MANY = [Series(f"s{number}", "USD", provider=("aws", "AWS", "gcp")[number % 3]) for number in range(9)]
SCOPE = "0123456789abcdef0123"

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")


@pytest.fixture
def services(services: Services) -> Services:
    services.check_layout()
    return services


def record(services: Services, series: Series, *amounts: int, day: int = DAY) -> None:
    ingest.ingest(services, [Entry(series, amount, day * DAY_MS) for amount in amounts])


def read(services: Services, dimension: str) -> Daily:
    ids = [value.id for value in groups.list_values(services.store, dimension)]
    return sorted(row for _, rows in groups.daily(services.store, ids, DAY - 1, DAY + 300) for row in rows)


def test_a_new_store_is_complete_and_has_no_groups(services: Services) -> None:
    assert groups.are_complete(services.store)
    assert [groups.list_values(services.store, dimension) for dimension in DIMENSIONS] == [[]] * len(DIMENSIONS)


def test_a_total_is_exact_for_the_largest_amounts_of_both_signs(services: Services) -> None:
    record(services, USAGE, 10**18, -(10**18), 10**18, 999_999_999, -1)
    assert read(services, ALL) == [(DAY, 5, 10**18 + 999_999_998)]


def test_costs_that_are_no_usage_have_a_share_of_their_own(services: Services) -> None:
    record(services, USAGE, 5)
    record(services, TAX, 7)
    assert sorted(row for row in read(services, "account")) == [(DAY, 1, 5), (DAY, 1, 7)]


def test_days_of_several_blocks_are_read(services: Services) -> None:
    record(services, USAGE, 1)
    record(services, USAGE, 2, day=DAY + 256)
    assert read(services, "service") == [(DAY, 1, 1), (DAY + 256, 1, 2)]


def total(micros: int, entries: int = 1) -> PeriodTotal:
    return PeriodTotal(micros=micros, entries=entries)


def shares(services: Services, days: Iterable[int] = (), blocks: Iterable[int] = ()) -> Mapping[int, ShareOfDay]:
    return groups.read_shares(services.store, {WHOLE: Cells(set(days), set(blocks))})[WHOLE]


def combine(services: Services, day: int, share: ShareOfDay) -> None:
    """Set a combined total, as the script of a commit does."""
    text = scripts.own_text("parts/combined") + "set_combined(KEYS[1], unpack(ARGV))"
    row = combined.pack_combined(WHOLE, day, share)
    family = services.store.partition(WHOLE).daily
    services.store.client.eval(text, 1, family, row["group"], row["day"], row["judged"], row["excluded"])


def test_shares_of_all_partitions_add_up_apart_from_what_is_not_judged(services: Services) -> None:
    for number, series in enumerate(MANY):
        record(services, series, 10**number)
    record(services, TAX, -7)
    expected = ShareOfDay(total(111_111_111, 9), total(-7))
    assert len({partition_of(series.id, 4) for series in MANY}) > 1
    assert shares(services, days={DAY}) == {DAY: expected}
    assert shares(services, blocks={DAY // 256}) == {DAY: expected}
    assert shares(services, days={DAY, DAY + 1}, blocks={DAY // 256}) == {DAY: expected, DAY + 1: NO_SHARE}


def test_named_days_of_two_blocks_are_read_in_the_order_of_no_block(services: Services) -> None:
    for day in (DAY, DAY + 1, DAY + 256):
        record(services, USAGE, day, day=day)
    assert shares(services, days={DAY + 256, DAY}) == {day: ShareOfDay(total(day)) for day in (DAY, DAY + 256)}


def test_combined_totals_are_read_as_they_were_set_and_go_with_their_costs(services: Services) -> None:
    first, second = ShareOfDay(total(-(10**18) - 1, 3)), ShareOfDay(excluded=total(5))
    combine(services, DAY, first)
    combine(services, DAY + 256, second)
    read_totals = groups.read_totals
    assert read_totals(services.store, [WHOLE], DAY, DAY + 256) == {WHOLE: {DAY: first, DAY + 256: second}}
    assert read_totals(services.store, [WHOLE], DAY + 1, DAY + 255) == {WHOLE: {}}
    assert shares(services, blocks={DAY // 256}) == {DAY: NO_SHARE}
    for day in (DAY, DAY + 256):
        combine(services, day, NO_SHARE)
    assert read_totals(services.store, [WHOLE], 0, DAY + 300) == {WHOLE: {}}


def test_totals_of_series_are_read_like_those_of_groups(services: Services) -> None:
    record(services, USAGE, 5, 6)
    record(services, TAX, 7)
    found = groups.read_totals(services.store, [USAGE.id, TAX.id, WHOLE], DAY - 1, DAY)
    assert found == {USAGE.id: {DAY: ShareOfDay(total(11, 2))}, TAX.id: {DAY: ShareOfDay(total(7))}, WHOLE: {}}


def test_groups_are_described_in_their_first_spelling(services: Services) -> None:
    for series in (*MANY, USAGE):
        record(services, series, 1)
    known = [*groups_of_series(MANY[0]), *groups_of_series(USAGE)]
    found = groups.describe(services.store, [*(group.id for group in known), "a" * 16])
    assert found.keys() == {group.id for group in known}
    assert {group.key[0]: group for group in found.values()}["provider"].value in {("",), ("AWS",)}
    assert found[known[1].id].value == ("AWS",)
    assert groups.describe(services.store, []) == {}


def test_members_of_groups_are_counted_by_provider_as_long_as_they_have_costs(services: Services) -> None:
    store = services.store
    for series in MANY:
        record(services, series, 1)
    start = DAY * DAY_MS
    scopes.claim(store, 1, [SCOPE], start)
    bill = Series("s0", "USD", provider="oci")
    partition, place = store.partition(bill.id), Place(bill.id, start)
    entry = Entry(bill, 1, start, external_id=scopes.external_id(SCOPE, start))
    providers = {name: Group("provider", (name,), "USD").id for name in ("aws", "gcp", "oci")}
    service = Group("service", ("s0",), "USD").id
    scopes.replace(store, partition, 1, [PlannedEntry(SCOPE, place, entry)])
    assert groups.count_members(store, [WHOLE, service, providers["aws"]]) == {
        WHOLE: 10,
        service: 2,
        providers["aws"]: 6,
    }
    assert groups.providers_of(store, [WHOLE, service]) == {
        WHOLE: frozenset(providers.values()),
        service: {providers["aws"], providers["oci"]},
    }
    scopes.replace(store, partition, 1, [PlannedEntry(SCOPE, place, None)])
    assert groups.count_members(store, [WHOLE, service, providers["oci"]]) == {
        WHOLE: 9,
        service: 1,
        providers["oci"]: 0,
    }
    assert groups.providers_of(store, [service, providers["oci"]]) == {
        service: {providers["aws"]},
        providers["oci"]: frozenset(),
    }


def read_days(services: Services, first: int, last: int) -> Mapping[int, int]:
    found: dict[int, int] = {}
    for _, rows in groups.daily(services.store, [WHOLE], first, last):
        for day, _, micros in rows:
            found[day] = found.get(day, 0) + micros
    current = groups.read_current(services.store, [WHOLE], first, last)[WHOLE]
    assert list({day: share.total.micros for day, share in current.items()}.items()) == sorted(found.items())
    return found


def combine_changed(services: Services) -> None:
    """Combine what has changed in all homes, as judges do."""
    for home in services.store.partitions:
        found = changes.read(services.store, home, 10_000)
        for group, days in groups.read_shares(services.store, found.cells).items():
            if group == WHOLE:
                for day, share in days.items():
                    combine(services, day, share)
        changes.settle(services.store, home, found)


@pytest.mark.parametrize("first", [DAY - 1, DAY - 299])
@pytest.mark.parametrize("today", [DAY, DAY + 500])  # with hints of days, and of blocks
def test_days_are_read_from_shares_while_they_have_hints_and_then_from_combined_totals(
    services: Services, first: int, today: int
) -> None:
    StoreClock(services.store).set(today * DAY_MS)
    record(services, USAGE, 5)
    combine_changed(services)
    assert read_days(services, first, DAY) == {DAY: 5}
    for series in MANY:
        record(services, series, 1)
        record(services, series, 10, day=DAY - 1)
    expected = {DAY - 1: 90, DAY: 14}
    assert read_days(services, first, DAY) == expected
    combine_changed(services)
    for partition in services.store.partitions:  # they are not read any more
        for key in services.store.client.scan_iter(f"{partition.shares}*"):
            services.store.client.delete(key.decode())
    assert read_days(services, first, DAY) == expected


def test_more_days_with_hints_than_are_read_with_a_whole_block_count_once(services: Services) -> None:
    StoreClock(services.store).set((DAY - 100) * DAY_MS)
    for day in range(DAY - 100, DAY):
        record(services, USAGE, 1, day=day)
        combine_changed(services)
    for day in range(DAY - 100, DAY - 20):
        record(services, MANY[0], 1, day=day)
    assert sum(read_days(services, DAY - 100, DAY).values()) == 180


@pytest.mark.parametrize("combined", [True, False])
def test_current_totals_tell_apart_what_is_not_judged(services: Services, *, combined: bool) -> None:
    StoreClock(services.store).set(DAY * DAY_MS)
    record(services, USAGE, 5)
    record(services, TAX, 7)
    if combined:
        combine_changed(services)
        record(services, TAX, 1, day=DAY - 1)
    expected = {DAY - 1: ShareOfDay(excluded=total(1))} if combined else {}
    found = groups.read_current(services.store, [WHOLE], DAY - 1, DAY)
    assert found == {WHOLE: expected | {DAY: ShareOfDay(total(5), total(7))}}
