"""An import that is killed anywhere, and finished by importing the same bytes again."""

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kumo.domain.imports import ImportStatus
from kumo.engine.imports import lifecycle
from kumo.services import Services
from tests.conftest import Build
from tests.engine.imports import bills
from tests.engine.imports.bills import Cost, load, sound

pytestmark = pytest.mark.settings(KUMO_DETECTOR="zscore")  # to which a unit more is an anomaly

BEFORE: list[Cost] = [(day, f"service {number}", 10 + number) for day in range(30) for number in range(12)]
AFTER: list[Cost] = [
    (day, f"service {number}", 900 if (day, number) in {(20, 3), (25, 4)} else 10 + number + (day == 5))
    for day in range(30)
    for number in range(1, 14)
]
ROOT = Path(__file__).parents[3]


class Killed(BaseException):
    """Simulates a killed process: nothing runs after it, not even an except clause for errors."""


def dying(services: Services, at: int) -> tuple[Services, Callable[[], int]]:
    """Return services that die at the so-maniest point, and how many points there were."""
    passed = 0

    def reach(_: str) -> None:
        nonlocal passed
        passed += 1
        if passed == at:
            raise Killed

    return replace(services, failpoint=reach), lambda: passed


def finished(services: Services) -> None:
    """Import once more, and compare everything with the expected result."""
    found = load(services, bills.simple(AFTER))
    assert bills.sums(services) == bills.of(AFTER)
    sound(services)
    assert [row.status for row in lifecycle.list_all(services)] == [ImportStatus.DONE] * 2
    assert set(bills.summaries(services)) == {"import-1-1", f"import-{lifecycle.list_all(services)[0].id}-1"}
    # Eleven services cost a unit more on one day; the two spikes extend the anomalies of two of them.
    assert {found.anomalies, lifecycle.list_all(services)[0].anomalies} == {11}


def test_an_import_killed_at_every_point_is_finished_by_the_next(build: Build) -> None:
    services = build(KUMO_ALERT_MAX_AGE="3", KUMO_PARTITIONS="4")
    at, points = 0, 1
    while at < points:
        at += 1
        services.store.client.flushall()
        load(services, bills.simple(BEFORE))
        mortal, count = dying(services, at)
        try:
            lifecycle.run(mortal, io.BytesIO(bills.simple(AFTER)), "bill.csv", bills.USD)
        except Killed:
            points = at + 1
        finished(services)
        points = max(points, count())
    assert at > 20


@pytest.mark.parametrize("seed", range(10))
def test_an_import_killed_again_and_again_is_finished_in_the_end(build: Build, seed: int) -> None:
    services, chance = build(KUMO_ALERT_MAX_AGE="3"), random.Random(seed)
    load(services, bills.simple(BEFORE))
    for _ in range(5):
        mortal, _ = dying(services, chance.randint(1, 60))
        try:
            lifecycle.run(mortal, io.BytesIO(bills.simple(AFTER)), "bill.csv", bills.USD)
        except Killed:
            continue
    finished(services)


def test_a_forgetting_killed_at_every_point_is_finished_by_the_next(build: Build) -> None:
    services = build(KUMO_PARTITIONS="4")
    for at in range(1, 30):
        services.store.client.flushall()
        load(services, bills.simple(BEFORE))
        mortal, _ = dying(services, at)
        try:
            lifecycle.forget(mortal, "1")
        except Killed:
            lifecycle.forget(services, "1")
        assert bills.costs(services) == []
        sound(services)


@pytest.mark.parametrize("seed", range(5))
def test_a_process_that_is_killed_for_good_leaves_what_the_next_one_finishes(
    build: Build, tmp_path: Path, seed: int
) -> None:
    services = build(KUMO_ALERT_MAX_AGE="3")
    load(services, bills.simple(BEFORE))
    path = tmp_path / "bill.csv"
    path.write_bytes(bills.simple(AFTER))
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("KUMO_", "REDIS"))}
    same = {"REDIS_URL": services.settings.redis_url, "KUMO_DETECTOR": services.settings.detector}
    command = [sys.executable, "-m", "kumo", "import", "--currency", "USD", str(path)]
    running = subprocess.Popen(command, env=environ | same, cwd=ROOT)
    arrived, chance = bills.arrivals(services), random.Random(seed)
    while running.poll() is None and bills.arrivals(services) == arrived:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.03))
    running.send_signal(signal.SIGKILL)
    running.wait()
    finished(services)
