"""`export` and `restore` as processes: over the embedded server and over Redis, into a file and out of it, killed."""

import gzip
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kumo import services, settings
from kumo.domain.entries import Entry, Series
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import keys
from tests.engine.detection.arrivals import START, judge_all
from tests.engine.ops.moving import have_everything
from tests.servers import server
from tests.stack import eventually, free_port

REDIS = shutil.which("redis-server")
CLEAN = {name: text for name, text in settings.environment().items() if not name.startswith(("KUMO_", "REDIS"))}


def kumo(*arguments: object, **environ: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kumo", *map(str, arguments)]
    return subprocess.run(command, env=CLEAN | environ, capture_output=True, check=False, timeout=100)


def build(url: str, **environ: str) -> Services:
    return services.build(settings.load({"REDIS_URL": url, "KUMO_ALERT_MAX_AGE": "0"} | environ))


@pytest.fixture(params=["embedded", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty server, of either kind."""
    if request.param == "embedded":
        yield request.getfixturevalue("redis_url")
        return
    if REDIS is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    with server(tmp_path, free_port(), REDIS) as address:
        yield address.removesuffix("/0")


def fill(source: Services, count: int) -> None:
    series = [Series(f"service {number}", "USD") for number in range(20)]
    entries = [Entry(series[n % 20], (100 + n % 7) * 10**6, START + n) for n in range(count)]
    for start in range(0, count, 1000):
        ingest.ingest(source, entries[start : start + 1000])
    judge_all(source)


def test_a_store_goes_through_a_file_into_another_number_of_partitions(url: str, tmp_path: Path) -> None:
    have_everything(build(url))
    file = tmp_path / "kumo.ndjson.gz"
    exported = kumo("export", file, REDIS_URL=url)
    assert (exported.returncode, exported.stdout) == (0, b"")
    assert exported.stderr.startswith(b"Exported ")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("kumo*")] == [file.name]
    restored = kumo("restore", file, REDIS_URL=f"{url}?db=1", KUMO_PARTITIONS="64")
    assert restored.returncode == 0, restored.stderr
    assert b"no sum differs.\nTotals of days before 2025-06-03 cannot be verified" in restored.stdout
    verified = kumo("verify", REDIS_URL=f"{url}?db=1", KUMO_PARTITIONS="64")
    assert (verified.returncode, verified.stdout) == (0, restored.stdout)


def test_a_dash_is_stdout(redis_url: str, tmp_path: Path) -> None:
    fill(build(redis_url), 100)
    piped = kumo("export", "-", REDIS_URL=redis_url)
    kumo("export", tmp_path / "file", REDIS_URL=redis_url)
    lines = [gzip.decompress(packed).splitlines()[1:-1] for packed in (piped.stdout, (tmp_path / "file").read_bytes())]
    assert lines[0] == lines[1]


def test_a_file_that_cannot_be_written_is_one_sentence(redis_url: str, tmp_path: Path) -> None:
    found = kumo("export", tmp_path / "nowhere" / "file", REDIS_URL=redis_url)
    assert found.returncode == 1
    assert b"nowhere" in found.stderr
    assert b"Traceback" not in found.stderr


def test_a_store_in_use_is_one_sentence(redis_url: str, tmp_path: Path) -> None:
    fill(build(redis_url), 100)
    kumo("export", tmp_path / "file", REDIS_URL=redis_url)
    found = kumo("restore", tmp_path / "file", REDIS_URL=redis_url)
    assert found.returncode == 1
    assert found.stderr.startswith(b"kumo: The store is not empty, it holds ")
    assert found.stderr.count(b"\n") == 1


def test_one_killed_half_way_is_run_again(redis_url: str, tmp_path: Path) -> None:
    source, target = build(redis_url), build(f"{redis_url}?db=1")
    fill(source, 4000)
    kumo("export", tmp_path / "file", REDIS_URL=redis_url)
    at = {"REDIS_URL": f"{redis_url}?db=1"}
    running = subprocess.Popen([sys.executable, "-m", "kumo", "restore", tmp_path / "file"], env=CLEAN | at)
    eventually(lambda: (target.store.client.hget(keys.LAYOUT, "restoring") or b"").startswith(b"filling"))
    eventually(lambda: target.store.client.dbsize() > 250)
    running.send_signal(signal.SIGKILL)
    running.wait()
    for command in ("verify", "up", "check"):
        refused = kumo(command, **at)
        assert refused.returncode == 1
        assert b"restore FILE` again" in refused.stderr
        assert b"Traceback" not in refused.stderr
    again = kumo("restore", tmp_path / "file", **at)
    assert again.returncode == 0, again.stderr
    assert again.stdout == b"4000 entries in 20 series: all sums equal.\n"
    assert kumo("check", **at).returncode == 0


def test_a_sum_that_was_wrong_before_is_said_and_the_store_can_be_used(redis_url: str, tmp_path: Path) -> None:
    source = build(redis_url)
    fill(source, 100)
    series_id = Series("service 1", "USD").id
    source.store.client.set(source.store.partition(series_id).moments + series_id, "100 2 0 3 1 0 0 0 0 0")
    kumo("export", tmp_path / "file", REDIS_URL=redis_url)
    found = kumo("restore", tmp_path / "file", REDIS_URL=f"{redis_url}?db=1")
    assert found.returncode == 1
    assert series_id.encode() in found.stderr
    fill(build(f"{redis_url}?db=1"), 1)
