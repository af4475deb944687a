"""Anomalies of totals in another store, and past the retention."""

from pathlib import Path

import pytest

from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import AnomalyStatus
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import Group
from kumo.engine import ingest
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import retention
from kumo.store.client import Store
from kumo.store.series import DAYS
from tests.conftest import Build
from tests.engine.detection.arrivals import everything, judge_all
from tests.engine.ops.moving import export, restore
from tests.totals import CALM, DAY, UNIT, period, store_anomaly

SERIES = Series("EC2", "USD", "AWS", "prod", "eu-west-1")
GROUP = Group("account", ("prod",), "USD")


@pytest.fixture
def source(build: Build) -> Services:
    services = build(KUMO_PARTITIONS="3")
    ingest.ingest(services, [Entry(SERIES, UNIT, DAY * DAY_MS)])
    judge_all(services)
    return services


def read_episodes(store: Store) -> dict[str, dict[str, float]]:
    found = {}
    for partition in store.partitions:
        for key in store.client.scan_iter(f"{partition.episodes}*"):
            members = store.client.zrange(key, 0, -1, withscores=True)
            found[key.decode().rpartition(":")[2]] = {member.decode(): score for member, score in members}
    return found


def test_anomalies_of_groups_and_their_alerts_move_with_all_others(
    source: Services, build: Build, redis_url: str, tmp_path: Path
) -> None:
    target = build(REDIS_URL=f"{redis_url}?db=1", KUMO_PARTITIONS="64")
    group = store_anomaly(source, GROUP, period(DAY, 400), period(DAY + 1, 500))
    series = store_anomaly(source, SERIES)
    partition = source.store.partition(GROUP.id)
    # The combined total of the group, with costs that are no usage.
    source.store.client.hset(f"{partition.daily}{GROUP.id}:{DAY // DAYS}", f"x{DAY % DAYS}", "1 0 5")
    export(source, tmp_path / "export")
    restore(target, tmp_path / "export")
    for listed in (lookup.list_anomalies, lookup.list_alerts):
        assert listed(target, everything()) == listed(source, everything())
        assert len(listed(target, everything()).rows) == 2
    assert read_episodes(target.store) == {
        GROUP.id: {group.id: DAY + 1},
        SERIES.id: {series.id: DAY},
    }
    home = target.store.partition(GROUP.id)
    assert target.store.client.hget(home.open, GROUP.id) == group.id.encode()
    assert not target.store.client.exists(f"{home.daily}{GROUP.id}:{DAY // DAYS}")


def test_an_anomaly_is_removed_with_its_place_in_the_index_when_its_last_day_is_past_the_retention(
    source: Services,
) -> None:
    anomaly = store_anomaly(source, GROUP, period(DAY, 400), period(DAY + 9, 500), *CALM)
    partition = source.store.partition(GROUP.id)
    assert anomaly.status is AnomalyStatus.CLOSED
    retention._remove_anomalies(source.store, partition, (DAY + 9) * DAY_MS)
    assert read_episodes(source.store) == {GROUP.id: {anomaly.id: DAY + 9}}
    retention._remove_anomalies(source.store, partition, (DAY + 10) * DAY_MS)
    assert read_episodes(source.store) == {}
    rows = lookup.list_alerts(source, everything()).rows
    assert [alert.kind for alert in rows] == [AlertKind.OPENED]
