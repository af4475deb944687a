"""A restored store for people and workers: alerts, bills and uploads continue."""

from pathlib import Path

import pytest

from kumo.domain.alerts import AlertStatus
from kumo.domain.entries import DAY_MS
from kumo.engine.imports import importer, lifecycle
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import room, watermarks
from kumo.store import uploads as store_uploads
from kumo.store.room import Others
from tests.alerts import DESTINATION
from tests.conftest import Build
from tests.engine.detection.arrivals import everything
from tests.engine.imports import bills
from tests.engine.imports.uploading import JUNE, KilledError, deadly, never, send
from tests.engine.ops.moving import export, have_everything, restore, send_some


@pytest.fixture
def source(build: Build) -> Services:
    return build(KUMO_PARTITIONS="3")


@pytest.fixture
def target(build: Build, redis_url: str) -> Services:
    return build(REDIS_URL=f"{redis_url}?db=1", KUMO_PARTITIONS="64")


def test_sent_alerts_are_not_sent_again_and_due_ones_are(source: Services, target: Services, tmp_path: Path) -> None:
    have_everything(source)
    export(source, tmp_path / "export")
    restore(target, tmp_path / "export")
    found = {row.id: row.delivery.status for row in lookup.list_alerts(target, everything()).rows}
    keys = [p.due + DESTINATION for p in target.store.partitions]
    due = {alert.decode() for key in keys for alert in target.store.client.zrange(key, 0, -1)}
    assert AlertStatus.SENT in found.values()
    assert due == {alert for alert, state in found.items() if state not in {AlertStatus.SENT, AlertStatus.CANCELLED}}
    send_some(target)


def test_the_same_bill_is_no_work_and_a_corrected_one_replaces_it(
    source: Services, target: Services, tmp_path: Path
) -> None:
    first = bills.load(source, bills.simple(JUNE))
    export(source, tmp_path / "export")
    restore(target, tmp_path / "export")
    assert bills.load(target, bills.simple(JUNE)).same_as == first.id
    corrected = [(day, service, cost + (day == 3)) for day, service, cost in JUNE]
    assert bills.counts(bills.load(target, bills.simple(corrected))) == (0, 0, 3, 24)
    assert bills.sums(target) == bills.of(corrected)
    lifecycle.forget(target, lifecycle.list_all(target)[0].id)
    assert bills.costs(target) == []
    bills.sound(target)


def test_an_upload_that_waits_is_imported_after(
    source: Services, target: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_uploads, "PIECE_BYTES", 1000)
    row = send(source, bills.simple(JUNE))
    export(source, tmp_path / "export")
    restore(target, tmp_path / "export")
    # It takes room there as well, also from others.
    assert room.reserve(target.store, "other", 10, most=10) == Others(len(bills.simple(JUNE)), 1)
    importer.work(target, never)
    assert lifecycle.find(target, row.id).status == "done"
    assert bills.sums(target) == bills.of(JUNE)


def test_an_import_of_which_a_part_was_exported_is_completed_by_its_bytes(
    source: Services, target: Services, tmp_path: Path
) -> None:
    with pytest.raises(KilledError):
        bills.load(deadly(source, "import.written"), bills.simple(JUNE))
    export(source, tmp_path / "export")
    restore(target, tmp_path / "export")
    assert bills.load(target, bills.simple(JUNE)).same_as == "1"
    assert bills.sums(target) == bills.of(JUNE)
    bills.sound(target)


@pytest.mark.parametrize(
    ("partitions", "expected"),
    [(4, [30, 0, 10, 0]), (2, [30, 0]), (8, [30, 0, 10, 0] * 2), (3, [30, 30, 30]), (1, [30]), (6, [30, 0] * 3)],
)
def test_days_that_the_retention_has_reached_stay_so_wherever_their_series_go(
    build: Build, redis_url: str, tmp_path: Path, partitions: int, expected: list[int]
) -> None:
    source = build(KUMO_PARTITIONS="4")
    target = build(REDIS_URL=f"{redis_url}?db=1", KUMO_PARTITIONS=str(partitions))
    for number, day in ((0, 30), (2, 10)):
        source.store.client.set(source.store.partitions[number].retention, day * DAY_MS)
    export(source, tmp_path / "export")
    restore(target, tmp_path / "export")
    assert [watermark // DAY_MS for watermark in watermarks.read(target.store).values()] == expected
