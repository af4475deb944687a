"""A Redis of somebody else's, through REDIS_URL: the line runs on Redis itself, not only on the embedded Valkey."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kumo import services as composition
from kumo import settings
from kumo.engine.ops import health, verification
from kumo.store.keys import PERMANENT
from tests.conftest import RQ_PERMANENT, leaks
from tests.servers import server
from tests.stack import eventually, free_port, stack

pytestmark = pytest.mark.server  # of which it is about

REDIS = shutil.which("redis-server")


@pytest.fixture
def external_url(tmp_path: Path) -> Iterator[str]:
    if REDIS is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    with server(tmp_path, free_port(), REDIS) as url:
        yield url


def test_the_whole_line_runs_on_redis_itself(external_url: str) -> None:
    with stack(external_url) as kumo:
        rows = [{"service": "AWS EC2", "amount": 50 + number % 3, "external_id": str(number)} for number in range(20)]
        assert kumo.post(rows, "/ingest/batch").json()["accepted"] == 20
        spike = kumo.post({"service": "AWS EC2", "amount": 500}, Prefer="wait=10").json()
        assert spike["is_anomaly"] is True
        assert kumo.slack.wait_for(1)
        eventually(lambda: kumo.get("/alerts/").json()[0]["state"] == "sent")
        assert kumo.get("/readyz").status_code == 200
        assert kumo.post(rows, "/ingest/batch").json()["duplicates"] == 20
    services = composition.build(settings.load({"REDIS_URL": external_url}))
    assert list(verification.differences(services)) == []
    assert health.examine(services).wrong == []
    assert leaks(services.store.client, (*PERMANENT, *RQ_PERMANENT)) == []
