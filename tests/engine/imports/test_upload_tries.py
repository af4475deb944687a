"""Uploads that crash their importers: given up after some tries, and they delay no other upload."""

import pytest

from kumo.domain.imports import ImportStatus
from kumo.engine.imports import importer, lifecycle
from kumo.store import keys
from kumo.store import uploads as stored
from tests.conftest import Build
from tests.engine.imports.bills import simple
from tests.engine.imports.uploading import (
    JUNE,
    KilledError,
    deadly,
    end_lease,
    everything_is_there,
    never,
    send,
    work_all,
)


def test_a_bill_that_takes_its_importers_down_is_given_up(build: Build) -> None:
    services = build()
    row, behind = send(services, simple(JUNE)), send(services, simple(JUNE))
    for _ in range(importer.MOST_TRIES):
        assert not lifecycle.find(services, row.id).over
        with pytest.raises(KilledError):
            importer.work(deadly(services, "import.read"), never)
        end_lease(services, row.number)
    work_all(services)
    given_up = lifecycle.find(services, row.id)
    assert given_up.status is ImportStatus.FAILED
    assert given_up.error is not None
    assert "begun 5 times" in given_up.error.detail
    assert lifecycle.find(services, behind.id).status is ImportStatus.DONE
    everything_is_there(services)
    assert not services.store.client.keys("kumo:upload:*")


def test_who_stops_in_good_order_does_not_count(build: Build) -> None:
    services = build()
    row = send(services, simple(JUNE))
    for _ in range(importer.MOST_TRIES + 1):
        importer.work(services, lambda: True)
    work_all(services)
    assert lifecycle.find(services, row.id).status is ImportStatus.DONE


def test_the_count_ends_by_itself_where_another_has_finished_the_upload(build: Build) -> None:
    services = build()
    row = send(services, simple(JUNE))

    def finished_elsewhere() -> bool:
        end_lease(services, row.number)
        importer.work(services, never)
        return True

    importer.work(services, finished_elsewhere)
    everything_is_there(services)
    assert 0 < services.store.client.ttl(keys.upload_tries(row.number)) <= stored.KEPT_SECONDS
