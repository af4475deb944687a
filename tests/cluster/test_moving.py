"""A store moves onto a cluster, and from there back onto one server."""

from pathlib import Path

import pytest

from kumo.engine.queries import lookup
from kumo.errors import StoreUnsafeError
from kumo.services import Services
from tests.cluster.nodes import Nodes
from tests.conftest import Build
from tests.engine.detection.arrivals import everything
from tests.engine.imports import bills
from tests.engine.ops.moving import export, have_everything, restore, verdicts_to_come
from tests.engine.totals.rest import bring_to_rest


def seen(services: Services) -> tuple[object, ...]:
    return (
        bills.costs(services),
        [row.anomaly for row in lookup.list_anomalies(services, everything()).rows],
        lookup.list_alerts(services, everything()).rows,
    )


def test_a_store_moves_onto_a_cluster_and_back(build: Build, cluster: Nodes, redis_url: str, tmp_path: Path) -> None:
    plain = build(KUMO_STORE_URL="", KUMO_PARTITIONS="3")
    clustered = build(KUMO_PARTITIONS="64")
    back = build(KUMO_STORE_URL="", REDIS_URL=f"{redis_url}?db=1", KUMO_PARTITIONS="5")
    have_everything(plain)
    bring_to_rest(plain)
    export(plain, tmp_path / "first")
    restore(clustered, tmp_path / "first")
    bring_to_rest(clustered)
    assert all(node.client.dbsize() > 0 for node in cluster.all)
    assert seen(clustered) == seen(plain)
    export(clustered, tmp_path / "second")
    restore(back, tmp_path / "second")
    bring_to_rest(back)
    assert seen(back) == seen(plain)
    assert verdicts_to_come(back) == verdicts_to_come(clustered) == verdicts_to_come(plain)


def test_a_cluster_in_use_is_not_filled(build: Build, tmp_path: Path) -> None:
    services = build()
    have_everything(services)
    export(services, tmp_path / "export")
    with pytest.raises(StoreUnsafeError, match="entries"):
        restore(services, tmp_path / "export")
