"""Days that the retention has reached do not change: no bill, forgetting or entry counts twice or removes anything."""

from dataclasses import replace

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.engine import ingest
from kumo.engine.imports import lifecycle
from kumo.engine.ops import verification
from kumo.errors import InvalidEntryError
from kumo.services import Services
from kumo.store import watermarks
from tests.engine.imports import bills
from tests.engine.imports.aging import on, start_of, swept, totals
from tests.engine.imports.bills import Cost, counts, load, of, simple, sound
from tests.engine.imports.test_precedence import cur, focus

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="3")

# Twenty days of two services; on day 40, of thirty days that are kept, the first ten are too old.
MONTH: list[Cost] = [(day, service, 10 + day) for day in range(20) for service in ("EC2", "S3")]
CORRECTED: list[Cost] = [(day, service, cost if day > 5 else 500) for day, service, cost in MONTH]
SERIES = Series("AWS EC2", "USD")


@pytest.fixture
def aged(services: Services) -> Services:
    """A store that has lost ten of twenty days to the retention, which is ten years from now on."""
    load(on(services, 40, 0), simple(MONTH))
    swept(on(services, 40, 30))
    assert sum(bills.sums(services).values()) == sum(of(MONTH[20:]).values())
    assert totals(services) == of(MONTH)
    return on(services, 40, 3650)


def test_a_corrected_bill_leaves_days_as_the_sweep_left_them_and_says_so(aged: Services) -> None:
    found = load(aged, simple([*CORRECTED, (15, "RDS", 1)]))
    assert (found.left_out, counts(found)) == (10, (1, 0, 0, 20))
    assert found.notes[-1] == "10 days before 2025-06-11 are older than the retention and do not change"
    assert (found.first_day, found.money) == ("2025-06-11", {"USD": "491"})
    assert totals(aged) == of([*MONTH, (15, "RDS", 1)])
    sound(aged)


def test_a_bill_that_comes_again_after_it_was_forgotten_counts_no_day_twice(aged: Services) -> None:
    (first,) = lifecycle.list_all(aged)
    forgotten = lifecycle.forget(aged, first.id)
    assert forgotten.notes == ("its days before 2025-06-11 are older than the retention and do not change",)
    assert lifecycle.forget(aged, first.id).notes == forgotten.notes
    assert totals(aged) == of(MONTH[:20])
    assert bills.costs(aged) == []
    sound(aged)
    again = load(aged, simple(MONTH))
    assert (again.same_as, again.left_out, again.added.entries) == ("", 10, 20)
    assert totals(aged) == of(MONTH)
    sound(aged)


def test_what_was_left_out_is_read_again_once_it_would_not_be(services: Services) -> None:
    before = on(services, 40, 30)
    first = load(before, simple(MONTH))
    assert (first.left_out, load(before, simple(MONTH)).same_as) == (10, first.id)
    assert load(on(services, 41, 30), simple(MONTH)).same_as == first.id
    after = on(services, 41, 3650)
    again = load(after, simple(MONTH))
    assert (again.same_as, again.left_out, counts(again)) == ("", 0, (20, 0, 0, 20))
    assert load(after, simple(MONTH)).same_as == again.id
    assert totals(services) == of(MONTH)
    sound(services)


@pytest.mark.parametrize("newer", [CORRECTED, CORRECTED[:10]])
def test_what_was_left_out_undoes_no_newer_bill(services: Services, newer: list[Cost]) -> None:
    first = load(on(services, 50, 30), simple(MONTH))
    assert (first.left_out, bills.costs(services)) == (20, [])
    after = on(services, 50, 3650)
    load(after, simple(newer))
    assert load(after, simple(MONTH)).same_as == first.id
    assert totals(services) == of(newer)


def test_what_is_older_than_the_retention_and_not_swept_yet_stays_as_well(services: Services) -> None:
    load(on(services, 40, 0), simple(MONTH))
    load(on(services, 40, 0), cur({("7", 9): 1, ("7", 10): 2}))
    today = on(services, 40, 30)
    found = load(today, simple([cost for cost in CORRECTED if cost[:2] not in {(3, "S3"), (12, "S3")}]))
    assert (found.left_out, counts(found)) == (10, (0, 1, 0, 19))
    instead = replace(bills.USD, counts="focus")
    found = load(today, focus({("7", 9): 5, ("7", 10): 6}), choices=instead)
    assert (found.left_out, counts(found)) == (1, (1, 1, 0, 0))
    said = of(cost for cost in MONTH if cost[:2] != (12, "S3"))
    assert totals(services) == said | {("2025-06-10", "by cur"): 10**6, ("2025-06-11", "by focus"): 6 * 10**6}
    sound(services)


def test_days_that_were_swept_in_one_partition_stay_in_all(services: Services) -> None:
    found = load(on(services, 40, 0), simple(MONTH))
    (number, *_) = {services.store.partition(cost.series_id).number for cost in bills.costs(services)}
    services.store.client.set(services.store.partitions[number].retention, start_of(4))
    assert load(on(services, 40, 0), simple(CORRECTED)).left_out == 4
    lifecycle.forget(services, str(found.number + 1))
    lifecycle.forget(services, found.id)
    assert bills.sums(services) == totals(services) == of(MONTH[:8])


def test_days_are_kept_or_removed_as_wholes(services: Services) -> None:
    hours = [Entry(SERIES, 10**6, start_of(day) + hour * 3_600_000) for day in (9, 10) for hour in range(24)]
    ingest.ingest(services, hours)
    swept(on(services, 40.6, 30))
    assert [cost.entry.timestamp for cost in bills.costs(services)][-1] == start_of(10)
    assert len(bills.costs(services)) == 24
    assert set(watermarks.read(services.store).values()) == {0, start_of(10)}
    sound(services)


def test_where_nothing_was_removed_nothing_is_left_out(services: Services) -> None:
    load(services, simple(MONTH[20:]))
    swept(on(services, 40, 30))
    assert watermarks.highest(services.store) == 0
    found = load(services, simple(MONTH))
    assert (found.left_out, totals(services)) == (0, of(MONTH))


@pytest.mark.parametrize("kept", [0, 3650])
def test_entries_of_days_that_were_swept_are_refused_whatever_the_retention_is(services: Services, kept: int) -> None:
    old = Entry(SERIES, 10**6, start_of(9), external_id="bill-1")
    ingest.ingest(services, [old])
    swept(on(services, 40, 30))
    later = on(services, 40, kept)
    before = totals(services)
    said = "must not be before 2025-06-11: the retention has removed entries of earlier days"
    for entry in (old, replace(old, external_id="")):
        with pytest.raises(InvalidEntryError) as refused:
            ingest.ingest(later, [entry])
        (error,) = refused.value.errors
        assert (error.field, error.detail, error.index) == ("timestamp", said, None)
    assert totals(services) == before
    ingest.ingest(later, [replace(old, timestamp=start_of(10))])
    assert sum(totals(services).values()) == 2 * 10**6
    sound(services)


def test_a_batch_with_an_entry_of_such_a_day_is_refused_as_a_whole(services: Services) -> None:
    names = [replace(SERIES, service=f"service {number}") for number in range(12)]
    ingest.ingest(services, [Entry(series, 10**6, start_of(9)) for series in names])
    swept(on(services, 40, 30))
    before = totals(services)
    batch = [Entry(series, 10**6, start_of(9 if number == 7 else 12)) for number, series in enumerate(names)]
    with pytest.raises(InvalidEntryError) as refused:
        ingest.ingest(services, batch)
    assert [(error.field, error.index) for error in refused.value.errors] == [("timestamp", 7)]
    assert totals(services) == before


def test_an_entry_that_a_sweep_has_yet_to_take_can_be_restated(services: Services) -> None:
    ingest.ingest(services, [Entry(SERIES, 10**6, start_of(9))])
    swept(on(services, 40, 30))
    services.store.client.set(services.store.partition(SERIES.id).retention, start_of(12))
    kept = Entry(SERIES, 10**6, start_of(13), external_id="bill-1")
    ingest.ingest(services, [kept])
    services.store.client.set(services.store.partition(SERIES.id).retention, start_of(14))
    (found,) = ingest.ingest(services, [replace(kept, amount=5 * 10**6)])
    assert (found.outcome, sum(totals(services).values())) == ("restated", 6 * 10**6)


def test_hours_of_a_day_that_is_half_too_old_are_kept(services: Services) -> None:
    hours = bills.focus(
        *(bills.row(9, "EC2", 1, ChargePeriodStart=f"2025-06-10T{hour:02}:00:00Z") for hour in range(24))
    )
    today = on(services, 39.5, 30)
    hourly = replace(bills.USD, granularity="hourly")
    load(today, hours, choices=hourly)
    swept(today)
    restated = hours.replace(b"2025-06-10T23:00:00Z", b"2025-06-10T22:00:00Z")
    assert counts(load(today, restated, choices=hourly)) == (0, 1, 1, 22)
    assert totals(services) == {("2025-06-10", "EC2"): 24 * 10**6}


def test_verify_names_the_days_that_it_cannot_verify_and_finds_what_differs_in_the_others(aged: Services) -> None:
    found = verification.verify_sums(aged)
    assert (found.verifiable_from, found.differences) == ("2025-06-11", [])
    (series_id, *_) = {cost.series_id for cost in bills.costs(aged)}
    partition = aged.store.partition(series_id)
    for day in (5, 10, 15):
        number = start_of(day) // DAY_MS
        aged.store.client.hset(f"{partition.daily}{series_id}:{number // 256}", number % 256, "1 0 7")
    found_again = [sentence.partition(": ") for sentence in verification.differences(aged)]
    dates = [text[:10] for name, _, text in found_again if name.startswith("series ")]
    assert dates == ["2025-06-11", "2025-06-16"]
    # Groups are held against their series, whose totals of all days are known.
    dates_of_groups = {text[:10] for name, _, text in found_again if name.startswith("group ")}
    assert dates_of_groups == {"2025-06-06", "2025-06-11", "2025-06-16"}


def test_another_format_counts_where_they_share_only_days_that_are_left_out(services: Services) -> None:
    load(on(services, 40, 0), focus({("1", 9): 5, ("1", 10): 6}))
    found = load(on(services, 40, 29), cur({("1", 9): 7, ("1", 10): 8, ("1", 11): 9}))
    assert (found.left_out, found.added.entries) == (2, 1)
    before = totals(services)
    later = on(services, 40, 30)
    swept(later)
    instead = replace(bills.USD, counts="aws_cur")
    found = load(later, cur({("1", 9): 7, ("1", 10): 20, ("1", 11): 9}), choices=instead)
    assert (found.left_out, counts(found)) == (1, (1, 1, 0, 1))
    changed = {("2025-06-11", "by cur"): 20 * 10**6}
    assert (
        totals(services)
        == {each: sum_ for each, sum_ in before.items() if each != ("2025-06-11", "by focus")} | changed
    )
    sound(services)
