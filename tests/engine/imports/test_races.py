"""Two imports of one scope at once: at the end the store has the entries of the later one only."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from kumo.domain.imports import Import, ImportStatus
from kumo.engine.imports import lifecycle
from kumo.services import Services
from tests.conftest import Build
from tests.engine.imports import bills
from tests.engine.imports.bills import Cost, begin, load, sound

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")

ONE: list[Cost] = [(day, f"service {number}", 10 + number) for day in range(20) for number in range(12)]
OTHER: list[Cost] = [(day, f"service {number}", 20 + day) for day in range(20) for number in range(6, 18)]


def run(services: Services, costs: list[Cost], begun: Import) -> Import:
    return lifecycle.run(services, io.BytesIO(bills.simple(costs)), "", bills.USD, begun=begun.number)


def interleaved(services: Services, at: int, first: Import, second: Import) -> Import:
    """Run the first import, and all of the second at its so-maniest point."""
    passed = 0

    def reach(_: str) -> None:
        nonlocal passed
        passed += 1
        if passed == at:
            run(services, OTHER, second)

    found = run(replace(services, failpoint=reach), ONE, first)
    if passed < at:
        run(services, OTHER, second)
    return found


@pytest.mark.parametrize("at", range(1, 30))
def test_the_later_number_prevails_wherever_it_comes_in_between(services: Services, at: int) -> None:
    load(services, bills.simple([(1, "old", 1), *ONE[:50]]))
    first, second = begin(services, "one.csv"), begin(services, "other.csv")
    found = interleaved(services, at, first, second)
    assert bills.sums(services) == bills.of(OTHER)
    sound(services)
    assert lifecycle.find(services, second.id).status is ImportStatus.DONE
    if found.status is ImportStatus.FAILED:
        assert f"import {second.id} of the same scope began later" in str(found.error)


@pytest.mark.parametrize("at", [1, 2, 3, 5, 8])
def test_an_import_that_began_earlier_does_not_undo_a_later_one(services: Services, at: int) -> None:
    first, second = begin(services, "one.csv"), begin(services, "other.csv")
    assert interleaved(services, at, second, first).error is None
    assert bills.sums(services) == bills.of(ONE)
    sound(services)


@pytest.mark.parametrize("round_", range(5))
def test_imports_in_threads_leave_what_the_latest_said(build: Build, round_: int) -> None:
    services = build(KUMO_PARTITIONS="4")
    contents = [[(day, f"service {number}", 10 + each) for day in range(8) for number in range(9)] for each in range(6)]
    begun = [begin(services, f"{each}.csv") for each in range(6)]
    with ThreadPoolExecutor(6) as pool:
        order = [*range(6)][round_:] + [*range(6)][:round_]
        found = list(pool.map(lambda each: run(build(KUMO_PARTITIONS="4"), contents[each], begun[each]), order))
    assert bills.sums(services) == bills.of(contents[-1])
    sound(services)
    assert next(row for row in found if row.number == begun[-1].number).status is ImportStatus.DONE
    assert {row.status for row in found} <= {ImportStatus.DONE, ImportStatus.FAILED}


def test_forgetting_stops_an_import_of_the_scope_that_runs(services: Services) -> None:
    load(services, bills.simple(ONE))
    begun, points = begin(services, "other.csv"), []

    def reach(point: str) -> None:
        points.append(point)
        if points.count("replace.after") == 1 and point == "replace.after":
            lifecycle.forget(services, "1")

    found = run(replace(services, failpoint=reach), OTHER, begun)
    assert found.status is ImportStatus.FAILED
    lifecycle.forget(services, begun.id)
    assert bills.costs(services) == []
    sound(services)


def test_the_same_bytes_twice_at_once_are_imported_once(services: Services) -> None:
    first, second = begin(services, "one.csv"), begin(services, "one.csv")

    def reach(point: str) -> None:
        if point == "import.planned":
            run(services, ONE, second)

    run(replace(services, failpoint=reach), ONE, first)
    assert bills.sums(services) == bills.of(ONE)
    assert bills.arrivals(services) == len(ONE)
    assert lifecycle.find(services, second.id).same_as == first.id
    sound(services)
