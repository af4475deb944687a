"""One cluster for the tests of this folder, empty for each; the queues are on a plain server, as RQ needs it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kumo.store.keys import PERMANENT
from tests.cluster.nodes import Nodes, nodes
from tests.conftest import leaks


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
def usual_environ(cluster: Nodes, usual_environ: dict[str, str]) -> dict[str, str]:
    """Return the settings of services whose store is the cluster."""
    return usual_environ | {"KUMO_STORE_URL": cluster.url}
