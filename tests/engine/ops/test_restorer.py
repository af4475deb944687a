"""Restoring into an empty store only, and completely."""

import gzip
import hashlib
import json
import threading
from pathlib import Path

import pytest
import redis

from kumo.domain.access import KeyScope
from kumo.domain.entries import Entry
from kumo.engine import ingest
from kumo.engine.imports.bill_reader import silent
from kumo.engine.ops import access, restorer
from kumo.errors import ConflictError, InvalidExportError, StoreUnsafeError, UnauthenticatedError
from kumo.outages import unavailable
from kumo.services import Services
from kumo.store import client, imports, keys, leases, outbox, restore_mark, retention, watermarks
from kumo.store.restore_mark import RestorePhase
from tests.alerts import make_test
from tests.conftest import Build
from tests.engine.detection.arrivals import SERIES, START, judge_all
from tests.engine.imports import bills
from tests.engine.imports.test_kills import Killed, dying
from tests.engine.ops.moving import carried, configure, export, have_everything, have_past, restore
from tests.engine.totals.rest import bring_to_rest
from tests.stack import eventually

JUNE = [(day, service, 10 + day) for day in range(9) for service in ("EC2", "S3")]


@pytest.fixture
def source(build: Build) -> Services:
    return build(KUMO_PARTITIONS="3")


@pytest.fixture
def target(build: Build, redis_url: str) -> Services:
    return build(REDIS_URL=f"{redis_url}?db=1", KUMO_PARTITIONS="64")


@pytest.fixture
def path(source: Services, tmp_path: Path) -> Path:
    have_everything(source)
    export(source, tmp_path / "export")
    return tmp_path / "export"


def begin(services: Services, path: Path) -> None:
    with restorer.alone(services):
        restorer.restore(services, path, silent)


def sent(services: Services) -> None:
    ingest.ingest(services, [Entry(SERIES[0], 10**6, START)])


@pytest.mark.parametrize(
    ("fill", "what"),
    [
        (sent, "entries"),
        (configure, "API keys, policies"),
        (lambda services: imports.next_number(services.store), "imports"),
        (lambda services: outbox.add(services.store, make_test("test-1")), "alerts"),
    ],
)
def test_a_store_that_is_not_empty_is_named_and_left_as_it_is(path: Path, target: Services, fill, what: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    client.check_layout(target.store)
    fill(target)
    before = carried(target)
    with pytest.raises(StoreUnsafeError, match=what):
        begin(target, path)
    assert carried(target) == before
    client.check_layout(target.store)
    sent(target)


def test_a_store_that_a_kumo_only_looked_at_is_empty(
    path: Path, build: Build, source: Services, target: Services
) -> None:
    other = build(REDIS_URL=target.settings.redis_url, KUMO_PARTITIONS="16")
    client.check_layout(other.store)
    retention.remove_old(other.store, START)
    restore(target, path)
    client.check_layout(target.store)
    assert watermarks.highest(target.store) == watermarks.highest(source.store) > 0


def test_a_store_that_wants_keys_still_wants_them(source: Services, target: Services, tmp_path: Path) -> None:
    export(source, tmp_path / "export")
    access.issue(target, "gone", ["read"])
    access.revoke(target, "gone")
    restore(target, tmp_path / "export")
    with pytest.raises(UnauthenticatedError):
        access.admit(target, None, KeyScope.READ)


def test_a_file_that_is_not_whole_changes_nothing(path: Path, target: Services) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InvalidExportError):
        begin(target, path)
    assert target.store.client.hkeys(keys.LAYOUT) == []


def test_a_killed_one_keeps_services_out_until_it_is_run_again(path: Path, source: Services, target: Services) -> None:
    services, passed = dying(target, 0)
    begin(services, path)
    restorer.open_(target)
    target.store.client.flushdb()
    points = passed()
    for at in (1, 2, points // 2, points - 2, points - 1, points):
        services, _ = dying(target, at)
        with pytest.raises(Killed):
            begin(services, path)
        assert _is_refused(target)
    restore(target, path)
    client.check_layout(target.store)
    for each in (source, target):
        bring_to_rest(each)
    assert bills.costs(target) == bills.costs(source)
    sent(target)


def _is_refused(services: Services) -> bool:
    """Return whether no service starts, and a running one records nothing and says that it may later."""
    with pytest.raises(StoreUnsafeError, match="run `python -m kumo restore FILE` again"):
        client.check_layout(services.store)
    with pytest.raises(redis.RedisError, match="RESTORING") as ingested:
        sent(services)
    with pytest.raises(redis.RedisError, match="RESTORING") as imported:
        bills.load(services, bills.simple([(20, "EC2", 1)]))
    return None not in (unavailable(ingested.value), unavailable(imported.value))


def test_one_killed_before_it_knew_the_store_to_be_empty_clears_nothing(path: Path, target: Services) -> None:
    sent(target)
    judge_all(target)
    before = bills.costs(target)
    restore_mark._set(target.store, RestorePhase.CLOSING, "x")
    with pytest.raises(StoreUnsafeError, match="entries"):
        begin(target, path)
    client.check_layout(target.store)
    sent(target)
    assert len(bills.costs(target)) == len(before) + 1


def test_one_killed_while_it_opens_only_opens(path: Path, target: Services) -> None:
    begin(target, path)
    # One partition is open already, and something arrived in it.
    target.store.many(["DEL", partition.closed] for partition in target.store.partitions)
    sent(target)
    judge_all(target)
    count = len(bills.costs(target))
    restore(target, path)
    assert len(bills.costs(target)) == count
    client.check_layout(target.store)


def test_a_store_at_which_a_kumo_sweeps_is_refused(target: Services) -> None:
    leases.take(target.store, keys.SWEEP, "first", 60_000)
    other = threading.Timer(0.5, target.store.client.set, (keys.SWEEP, "second"), {"px": 60_000})
    other.start()
    with pytest.raises(ConflictError, match="working on this store"), restorer.alone(target):
        pass
    other.join()


def test_no_kumo_sweeps_meanwhile(target: Services) -> None:
    with restorer.alone(target):
        assert not leases.take(target.store, keys.SWEEP, "other", 1)
        target.store.client.pexpire(keys.SWEEP, 2000)
        eventually(lambda: target.store.client.pttl(keys.SWEEP) > 2000)  # held for longer
    assert leases.take(target.store, keys.SWEEP, "other", 1)


def test_settings_that_differ_are_named(source: Services, build: Build, redis_url: str, tmp_path: Path) -> None:
    have_past(source)
    contents = export(source, tmp_path / "export")
    other = build(REDIS_URL=f"{redis_url}?db=1", KUMO_WINDOW="50")
    assert restorer.find_changed_settings(source, contents) == []
    assert restorer.find_changed_settings(other, contents) == [
        "KUMO_WINDOW was 100 when the export was made, and is 50 now."
    ]


def test_another_layout_is_refused(path: Path, target: Services) -> None:
    text = gzip.decompress(path.read_bytes()).decode()
    changed = text.replace(f'"layout":{client.LAYOUT_VERSION}', '"layout":99', 1)
    lines = changed.splitlines(keepends=True)
    end = json.loads(lines[-1]) | {"sha256": hashlib.sha256("".join(lines[:-1]).encode()).hexdigest()}
    path.write_bytes(gzip.compress("".join([*lines[:-1], json.dumps(end)]).encode()))
    with pytest.raises(InvalidExportError, match="layout 99"):
        begin(target, path)
