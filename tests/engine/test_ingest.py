"""Recording once, whatever is sent again, and all or nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import redis

from kumo.domain import moments
from kumo.domain.entries import Entry, Series
from kumo.engine import ingest
from kumo.engine.ingest import Request
from kumo.engine.ops import verification
from kumo.engine.queries import lookup
from kumo.errors import ConflictError, FieldError, IdempotencyError, InvalidEntryError
from kumo.services import Services
from kumo.store import keys
from kumo.store.signatures import Argument, Keys
from tests.conftest import Build
from tests.engine.detection.arrivals import START, everything, judge_all

SERIES = Series("AWS EC2", "USD")


def entry(units: int = 50, number: int = 0, name: str = "", service: str = "AWS EC2") -> Entry:
    return Entry(replace(SERIES, service=service), units * 10**6, START + number, external_id=name)


def amounts(services: Services) -> list[int]:
    return sorted(row.entry.amount // 10**6 for row in lookup.list_costs(services, everything()).rows)


def test_the_same_key_and_body_get_the_first_answer_and_change_nothing(services: Services) -> None:
    first = ingest.ingest(services, [entry()], Request("k", "b"))
    later = replace(entry(), timestamp=START + 5)  # as if the client gave no time
    assert ingest.ingest(services, [later], Request("k", "b")) == first
    assert amounts(services) == [50]


def test_the_same_key_with_another_body_is_refused(services: Services) -> None:
    ingest.ingest(services, [entry()], Request("k", "b"))
    with pytest.raises(IdempotencyError):
        ingest.ingest(services, [entry(60, service="of another partition")], Request("k", "c"))
    assert amounts(services) == [50]


def test_a_hundred_threads_with_one_key_record_one_entry(services: Services) -> None:
    with ThreadPoolExecutor(100) as pool:
        work = [pool.submit(ingest.ingest, services, [entry()], Request("k", "b")) for _ in range(100)]
        answers = [future.result() for future in work]
    assert all(answer == answers[0] for answer in answers)
    assert amounts(services) == [50]


def test_a_hundred_threads_on_one_series_leave_exact_sums(services: Services) -> None:
    with ThreadPoolExecutor(100) as pool:
        work = [pool.submit(ingest.ingest, services, [entry(n, n)], Request(f"k{n}", "b")) for n in range(100)]
        arrivals = sorted(future.result()[0].arrival for future in work)
    assert arrivals == list(range(1, 101))
    (row,) = lookup.list_series(services, everything()).rows
    assert row.moments == moments.of(n * 10**6 for n in range(100))
    judge_all(services)
    assert list(verification.differences(services)) == []


def test_a_batch_cut_off_half_way_is_completed_and_not_doubled(services: Services) -> None:
    entries = [entry(n % 50, n, service=f"service {n % 40}") for n in range(1000)]
    calls = 0
    run = services.store.scripts.run

    def cut_off(script: str, keys: Keys, /, **args: Argument) -> object:
        nonlocal calls
        calls += script == "record"
        if script == "record" and calls == 7:
            raise redis.exceptions.ConnectionError
        return run(script, keys, **args)

    services.store.scripts.run = cut_off  # type: ignore[method-assign]  # the wire breaks, our code stays
    with pytest.raises(redis.exceptions.ConnectionError):
        ingest.ingest(services, entries, Request("k", "b"))
    partly = len(lookup.list_costs(services, everything()).rows)
    services.store.scripts.run = run  # type: ignore[method-assign]
    recorded = ingest.ingest(services, entries, Request("k", "b"))
    assert 0 < partly < 1000
    assert len({row.id for row in recorded}) == 1000
    assert len(lookup.list_costs(services, everything()).rows) == 1000
    assert ingest.ingest(services, entries, Request("k", "b")) == recorded


def test_a_batch_that_is_still_running_conflicts_with_itself(services: Services) -> None:
    entries = [entry(n, n, service=f"service {n}") for n in range(40)]
    services.store.client.set(keys.running("k"), "another", px=5000)
    with pytest.raises(ConflictError, match="still running"):
        ingest.ingest(services, entries, Request("k", "b"))
    assert amounts(services) == []
    assert services.store.client.get(keys.running("k")) == b"another"


def test_an_external_id_repeats_restates_or_conflicts(services: Services) -> None:
    (first,) = ingest.ingest(services, [entry(50, name="bill")])
    (same,) = ingest.ingest(services, [entry(50, name="bill")])
    (restated,) = ingest.ingest(services, [entry(60, name="bill")])
    assert [first.outcome, same.outcome, restated.outcome] == ["new", "duplicate", "restated"]
    assert first.id == same.id == restated.id
    with pytest.raises(ConflictError, match="another timestamp"):
        ingest.ingest(services, [entry(60, 1, name="bill")])
    assert amounts(services) == [60]


def test_without_a_time_an_external_id_keeps_the_one_it_has(services: Services) -> None:
    (first,) = ingest.ingest(services, [replace(entry(name="bill"), timestamp_given=False)])
    (again,) = ingest.ingest(services, [replace(entry(name="bill"), timestamp=START + 99, timestamp_given=False)])
    assert (again.outcome, again.timestamp) == ("duplicate", first.timestamp)


@pytest.mark.parametrize("size", [2, 1000])
def test_a_conflict_in_a_batch_refuses_all_of_it(services: Services, size: int) -> None:
    ingest.ingest(services, [entry(name="bill")])
    rows = [entry(n, n, service=f"service {n % 30}") for n in range(size - 1)] + [entry(50, 7, name="bill")]
    with pytest.raises(ConflictError, match=f"Entry {size - 1}"):
        ingest.ingest(services, rows)
    assert amounts(services) == [50]


@pytest.mark.parametrize("size", [2, 1000])
def test_a_conflict_within_a_batch_refuses_all_of_it(services: Services, size: int) -> None:
    rows = [entry(n, n, service=f"service {n % 30}") for n in range(size - 2)]
    rows += [entry(50, 7, name="bill"), entry(50, 8, name="bill")]
    with pytest.raises(ConflictError, match=f"Entry {size - 1}"):
        ingest.ingest(services, rows)
    assert amounts(services) == []


def test_an_id_restated_within_one_batch_counts_once(services: Services) -> None:
    found = ingest.ingest(services, [entry(50, name="bill"), entry(60, name="bill"), entry(60, name="bill")])
    assert [row.outcome for row in found] == ["new", "restated", "duplicate"]
    assert amounts(services) == [60]
    assert list(verification.differences(services)) == []


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_batch_has_one_to_ten_thousand_entries(count: int) -> None:
    with pytest.raises(InvalidEntryError):
        ingest.read([{"service": "x", "amount": 1}] * count, START)


def test_one_bad_entry_in_ten_thousand_is_named() -> None:
    rows: list[object] = [{"service": "x", "amount": 1}] * 10_000
    rows[9_876] = {"service": "x", "amount": "NaN"}
    with pytest.raises(InvalidEntryError) as caught:
        ingest.read(rows, START)
    (error,) = caught.value.errors
    assert isinstance(error, FieldError)
    assert (error.index, error.field) == (9_876, "amount")


def test_a_burst_asks_for_one_job_a_partition(services: Services) -> None:
    for n in range(200):
        ingest.ingest(services, [entry(50, n)])
    assert services.store.client.llen("rq:queue:judge") == 1


def test_recording_goes_on_where_no_job_can_be_enqueued(build: Build) -> None:
    services = build(REDIS_URL="redis://127.0.0.1:1", KUMO_STORE_URL=build().settings.redis_url)
    ingest.ingest(services, [entry()])
    assert amounts(services) == [50]


def test_waiting_ends_with_the_verdict_or_with_the_time(services: Services) -> None:
    (recorded,) = ingest.ingest(services, [entry()])
    assert not ingest.wait(services, recorded, 0.02)
    judge_all(services)
    assert ingest.wait(services, recorded, 5)


@pytest.mark.slow
def test_an_entry_is_there_while_it_is_restated(services: Services) -> None:
    (first,) = ingest.ingest(services, [entry(name="bill")])
    with ThreadPoolExecutor(1) as pool:
        restating = pool.submit(
            lambda: [ingest.ingest(services, [entry(n % 50 + 51, name="bill")]) for n in range(500)]
        )
        while not restating.done():
            assert lookup.find_costs(services, [first.id])


def test_an_entry_of_the_first_instant_is_found(services: Services) -> None:
    (first,) = ingest.ingest(services, [Entry(SERIES, 1, 0, external_id="bill")])
    assert lookup.find_cost(services, first.id).entry.timestamp == 0
    assert ingest.ingest(services, [Entry(SERIES, 1, 0, external_id="bill")])[0].outcome == "duplicate"
