"""Sweeps while an import or a forgetting runs, or after a kill: they do not touch its days until it has ended."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kumo.domain.imports import ImportStatus
from kumo.engine.imports import lifecycle
from kumo.services import Services
from kumo.store import watermarks
from kumo.store.scripts import Scripts
from kumo.store.signatures import Argument, Keys
from tests.clocks import StoreClock
from tests.engine.imports import bills
from tests.engine.imports.aging import on, start_of, swept, totals
from tests.engine.imports.bills import counts, load, of, simple, sound
from tests.engine.imports.test_kills import Killed, dying
from tests.engine.imports.test_retention import CORRECTED, MONTH

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="3")


class Swept:
    """Scripts, before the first claim among which a sweep goes by."""

    def __init__(self, scripts: Scripts, sweep: Callable[[], None]) -> None:
        self._scripts, self._waiting = scripts, [sweep]

    def run(self, script: str, keys: Keys, /, **args: Argument) -> Any:  # noqa: ANN401 - as Scripts
        while script == "claim_scopes" and self._waiting:
            self._waiting.pop()()
        return self._scripts.run(script, keys, **args)


def test_a_sweep_before_the_claim_is_seen_after_it(services: Services) -> None:
    today = on(services, 40, 0)
    load(today, simple(MONTH))
    scripts = Swept(services.store.scripts, lambda: swept(on(services, 40, 30)))
    interrupted = replace(today, store=replace(services.store, scripts=scripts))  # type: ignore[arg-type]
    found = load(interrupted, simple(CORRECTED))
    assert (found.left_out, found.first_day, counts(found)) == (10, "2025-06-11", (0, 0, 0, 20))
    assert totals(services) == of(MONTH)


@pytest.mark.parametrize("point", range(2, 12))
def test_a_sweep_leaves_the_days_of_an_import_that_was_killed_until_it_is_finished(
    services: Services, point: int
) -> None:
    load(on(services, 40, 0), simple([(-3, "EC2", 1), *MONTH]))
    corrected = simple(CORRECTED)
    mortal, _ = dying(on(services, 40, 0), point)
    with pytest.raises(Killed):
        load(mortal, corrected)
    swept(on(services, 60, 30))
    assert watermarks.highest(services.store) <= start_of(0)
    load(on(services, 60, 0), corrected)
    assert totals(services) == of([(-3, "EC2", 1), *CORRECTED])
    sound(services)
    swept(on(services, 60, 30))
    assert bills.costs(services) == []
    assert totals(services) == of([(-3, "EC2", 1), *CORRECTED])


def test_a_forgetting_that_was_killed_keeps_its_days_too(services: Services) -> None:
    (found,) = [load(on(services, 40, 0), simple(MONTH))]
    mortal, _ = dying(services, 3)
    with pytest.raises(Killed):
        lifecycle.forget(mortal, found.id)
    swept(on(services, 60, 30))
    assert watermarks.highest(services.store) == 0
    lifecycle.forget(services, found.id)
    assert totals(services) == {}


def test_an_import_that_never_ends_keeps_its_days_for_a_week(services: Services) -> None:
    clock = StoreClock(services.store)
    mortal, _ = dying(services, 5)
    with pytest.raises(Killed):
        load(mortal, simple(MONTH))
    clock.pass_by(6 * 86_400)
    swept(on(services, 60, 30))
    assert bills.costs(services)
    clock.pass_by(2 * 86_400)
    swept(on(services, 60, 30))
    assert bills.costs(services) == []
    before = totals(services)
    # It is too late for entries that were not written in time: the days do not change.
    found = load(on(services, 60, 0), simple(MONTH))
    assert (found.status, totals(services)) == (ImportStatus.DONE, before)
