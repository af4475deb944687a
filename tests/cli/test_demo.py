"""`python -m kumo demo`, run as a newcomer runs it: what it prints, and what it leaves behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from tests.stack import free_port

# Settings of somebody who uses Kumo already: none of them may change the demo.
OWN = {"KUMO_DETECTOR": "zscore", "KUMO_ALERT_MAX_AGE": "0", "KUMO_WINDOW": "12", "KUMO_MIN_HISTORY": "12"}


def run_once(data_dir: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("KUMO_", "REDIS", "SLACK"))}
    own = {"PORT": str(free_port()), "KUMO_DATA_DIR": str(data_dir), **environ}
    command = [sys.executable, "-m", "kumo", "demo", "--once"]
    return subprocess.run(command, env=clean | own, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def shown(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run the demo beside a Redis and settings that are in use; return what it prints."""
    data_dir = tmp_path_factory.mktemp("var")
    (data_dir / "kept").touch()
    with Redis.from_url(server_url) as client:
        client.flushall()
        done = run_once(data_dir, REDIS_URL=server_url, **OWN)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not client.keys()
    assert [path.name for path in data_dir.iterdir()] == ["kept"]
    return done.stdout


def test_it_shows_the_company_and_the_shift_that_lasts(shown: str) -> None:
    assert "costs of 37 series in 6 accounts" in shown or "costs of 39 series in 6 accounts" in shown
    assert "Amazon CloudWatch in account production, region us-east-1: +" in shown


def test_a_spike_raises_an_alert_with_the_figures_of_the_default_detector(shown: str) -> None:
    spike = shown.partition("A spike")[2]
    assert "412.50 USD where " in spike.partition("Message: ")[2]
    assert "Cost jumped · BigQuery" in spike


def test_a_leak_of_small_calls_raises_an_alert_though_each_call_is_normal(shown: str) -> None:
    leak = shown.partition("A leaked key: 6,000 calls")[2].partition("A region")[0]
    assert "Amazon Bedrock · assistant" in leak.partition("Message: ")[2]


def test_a_new_region_raises_an_alert_on_its_first_day(shown: str) -> None:
    new = shown.partition("A region that was never used")[2]
    assert "region ap-southeast-3" in new.partition("Message: ")[2]
    assert "No alert" not in new


def test_it_says_why_it_cannot_start(tmp_path: Path) -> None:
    done = run_once(tmp_path, KUMO_HOST="0.0.0.0")
    assert done.returncode == 1
    assert "Kumo did not start" in done.stderr
    assert "KUMO_AUTH=off" in done.stderr
