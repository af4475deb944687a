"""Uploads for the tests: sent, worked on, cut off by a kill."""

import io
from collections.abc import Callable
from dataclasses import replace

from kumo.domain.imports import Import
from kumo.engine.imports import importer, uploads
from kumo.engine.imports.choices import Choices
from kumo.engine.sweep import sweep
from kumo.services import Services
from kumo.store import keys
from tests.engine.imports.bills import USD, arrivals, of, sound, sums

JUNE = [(day, service, 10 + day) for day in range(9) for service in ("EC2", "S3", "RDS")]


class KilledError(BaseException):
    """Simulates a kill: no code catches it."""


def deadly(services: Services, point: str) -> Services:
    """Return services that die at a point."""
    return failing(services, point, KilledError())


def failing(services: Services, point: str, error: BaseException) -> Services:
    """Return services that fail at a point."""

    def fail() -> None:
        raise error

    return meddling(services, point, fail)


def meddling(services: Services, point: str, meddle: Callable[[], object]) -> Services:
    """Return services under which something happens at a point."""
    return replace(services, failpoint=lambda reached: meddle() if reached == point else None)


def send(services: Services, bill: bytes, choices: Choices = USD) -> Import:
    with uploads.reserve_room(services, len(bill)) as room:
        return uploads.receive(services, io.BytesIO(bill), "bill.csv", choices, room).row


def never() -> bool:
    return False


def lose_jobs(services: Services) -> None:
    services.jobs.broker.delete("rq:queue:import")


def jobs(services: Services) -> int:
    return int(services.jobs.broker.llen("rq:queue:import"))


def end_lease(services: Services, number: int) -> None:
    """Let a minute pass since an importer was killed."""
    services.store.client.delete(keys.upload_lease(number))


def end_pause(services: Services, number: int) -> None:
    """Let so much time pass that a deferred upload is imported again."""
    services.store.client.delete(keys.upload_pause(number))


def work_all(services: Services) -> None:
    """Work as long as the sweep asks for it."""
    sweep(services)
    while jobs(services):
        lose_jobs(services)
        importer.work(services, never)
        sweep(services)


def everything_is_there(services: Services) -> None:
    assert sums(services) == of(JUNE)
    assert arrivals(services) == len(JUNE)
    assert services.store.client.hlen(keys.UPLOADS) == 0
    assert not any(services.store.client.exists(keys.upload_piece(number, 0)) for number in range(1, 5))
    sound(services)
