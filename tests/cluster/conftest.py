"""One cluster for the tests of this folder, empty for each; the queues are on a plain server, as RQ needs it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kumo import services, settings
from kumo.services import Services
from kumo.store.keys import PERMANENT
from tests.cluster.nodes import Nodes, nodes
from tests.conftest import leaks
from tests.engine.conftest import Build


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[Nodes]:
    with tempfile.TemporaryDirectory(prefix="kumo-cluster-") as folder, nodes(Path(folder)) as running:
        yield running


@pytest.fixture
def cluster(running_cluster: Nodes) -> Iterator[Nodes]:
    """Yield an empty cluster; remaining keys must have a time to live or be on the permanent list."""
    running_cluster.settle()
    running_cluster.flush()
    yield running_cluster
    running_cluster.settle()
    leaked = [name for node in running_cluster.all for name in leaks(node.client, PERMANENT)]
    assert not leaked, f"keys without a TTL that no permanent pattern names: {leaked}"


@pytest.fixture
def build(cluster: Nodes, redis_url: str) -> Build:
    """Return a function that builds services on the cluster, with other settings if wanted."""

    def built(**changes: str) -> Services:
        environ = {"REDIS_URL": redis_url, "KUMO_STORE_URL": cluster.url, "KUMO_ALERT_MAX_AGE": "0"}
        environ["KUMO_DETECTOR"] = "zscore"  # as in tests/engine
        return services.build(settings.load(environ | changes))

    return built
