"""Importers as processes: an upload is imported, also if one is killed, stopped or loses its Redis."""

import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from kumo import services as composition
from kumo import settings
from kumo.domain.imports import Import, ImportStatus
from kumo.engine.imports import lifecycle
from kumo.services import Services
from kumo.store import embedded, keys
from tests.engine.imports import uploading
from tests.engine.imports.bills import arrivals, counts, simple, sound, summed
from tests.stack import Stack, eventually, process, stack

# So many rows that a process can be stopped amid them: reading alone takes seconds.
DAYS = 28
SERVICES = 400
LARGE = [(day, f"service {number}", "1.5") for day in range(DAYS) for number in range(SERVICES)]
TOTAL = DAYS * SERVICES


def services_at(url: str) -> Services:
    return composition.build(settings.load({"REDIS_URL": url, "KUMO_ALERT_MAX_AGE": "0"}))


def send(services: Services) -> Import:
    return uploading.send(services, simple(LARGE))


def state(services: Services, row: Import) -> ImportStatus:
    return lifecycle.find(services, row.id).status


def whole(services: Services, row: Import) -> None:
    """Check that an import is done, exactly, and that nothing is left of its upload."""
    eventually(lambda: state(services, row) is ImportStatus.DONE, 60)
    eventually(lambda: services.store.client.keys("kumo:upload*") == [])
    assert counts(lifecycle.find(services, row.id)) == (TOTAL, 0, 0, 0)
    assert sum(summed(services).values()) == TOTAL * 1_500_000
    assert arrivals(services) == TOTAL
    sound(services)


def test_an_upload_is_imported_by_a_process_of_its_own(redis_url: str) -> None:
    with stack(redis_url, "web", "import") as running:
        answer = upload(running, simple(LARGE))
        assert answer.status_code == 202
        assert answer.json()["status"] == "waiting"
        done = eventually(lambda: over(running, answer.headers["Location"]), 60)
        assert (done["status"], done["added"]["entries"]) == ("done", TOTAL)
        assert done["added"]["money"] == {"USD": "16800"}
        again = upload(running, simple(LARGE))
        assert eventually(lambda: over(running, again.headers["Location"]))["same_as"] == done["id"]
        totals = running.get("/costs/summary", by="none", **{"from": "2025-06-01", "to": "2025-07-01"}).json()
        assert sum(total["amount"] for total in totals) == 16800


def upload(running: Stack, bill: bytes) -> requests.Response:
    return requests.post(f"{running.url}/imports/", files={"file": ("large.csv", bill)}, timeout=30)


def over(running: Stack, location: str) -> dict[str, Any] | None:
    found: dict[str, Any] = running.get(location).json()
    return found if found["finished_at"] else None


def test_a_killed_importer_leaves_its_upload_to_another(redis_url: str) -> None:
    services = services_at(redis_url)
    row = send(services)
    with process("import", {"REDIS_URL": redis_url}) as first:
        eventually(lambda: arrivals(services) > 0)
        first.kill()
        first.wait()
    services.store.client.delete(keys.upload_lease(row.number))  # as if its minute were over
    with process("import", {"REDIS_URL": redis_url}):
        whole(services, row)


def test_sigterm_stops_an_importer_amid_an_import_and_the_next_goes_on(redis_url: str) -> None:
    services = services_at(redis_url)
    row = send(services)
    with process("import", {"REDIS_URL": redis_url}) as first:
        eventually(lambda: state(services, row) is ImportStatus.RECORDING)
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
    assert state(services, row) in {ImportStatus.RECORDING, ImportStatus.DONE}  # as a rule the first
    assert services.store.client.exists(keys.upload_lease(row.number)) == 0
    with process("import", {"REDIS_URL": redis_url}):
        whole(services, row)


def test_an_importer_goes_on_after_its_redis_was_away() -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        with embedded.serve(folder) as url:
            services = services_at(url)
            worker = running.enter_context(process("import", {"REDIS_URL": url}))
            row = send(services)
            eventually(lambda: state(services, row) is ImportStatus.RECORDING)
        with embedded.serve(folder):
            services.store.client.delete(keys.upload_lease(row.number))
            whole(services, row)
            assert worker.poll() is None
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(20) == 0
