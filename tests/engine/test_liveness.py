"""Signs of life: which kinds of workers there are, and for how long one has been silent, by the store's clock."""

import pytest

from kumo.engine import liveness
from kumo.engine.imports import importer
from kumo.engine.ops import health
from kumo.jobs import FUNCTIONS, JUDGE
from kumo.services import Services
from kumo.store import keys
from tests.conftest import Build
from tests.engine.imports import bills, uploading
from tests.stack import free_port


def silence(services: Services, kind: str, seconds: int) -> None:
    """Set the time since the last heartbeat of a kind of worker."""
    now, _ = services.store.client.time()
    services.store.client.hset(keys.WORKERS, kind, (now - seconds) * 1000)


def test_a_kind_of_worker_that_never_ran_is_named(services: Services) -> None:
    liveness.record_heartbeat(services, JUDGE)
    assert liveness.describe_silent_workers(services) == [
        "No notifier has ever run: run `python -m worker notify`.",
        "No importer has ever run: run `python -m worker import`.",
    ]
    assert liveness.find_silences(services) == {"judge": pytest.approx(0, abs=60), "notifier": float("inf")} | {
        "importer": float("inf")
    }


def test_a_kind_of_worker_that_fell_silent_is_named_with_how_long(services: Services) -> None:
    for queue in FUNCTIONS:
        liveness.record_heartbeat(services, queue)
    assert liveness.describe_silent_workers(services) == []
    silence(services, "judge", 60)
    silence(services, "notifier", 650)
    (told,) = liveness.describe_silent_workers(services)
    assert told.startswith("No notifier has sent a heartbeat for 10 minutes: run `python -m worker notify`, or")


def test_an_import_gives_a_sign_at_its_steps(services: Services) -> None:
    uploading.send(services, bills.simple(uploading.JUNE))
    importer.work(services, uploading.never)
    assert liveness.find_silences(services)["importer"] < liveness.SILENT_SECONDS


def test_a_clock_of_the_store_that_stepped_back_makes_nobody_silent(services: Services) -> None:
    silence(services, "judge", -3600)
    assert liveness.find_silences(services)["judge"] == 0


def test_a_sign_whose_store_is_away_keeps_no_worker_from_its_work(build: Build) -> None:
    liveness.record_heartbeat(build(REDIS_URL=f"redis://127.0.0.1:{free_port()}"), JUDGE)


def test_a_store_without_workers_is_safe_and_warns(services: Services) -> None:
    found = health.examine(services)
    assert found.wrong == []
    assert [warning.split()[1] for warning in found.warnings[:3]] == ["judge", "notifier", "importer"]
