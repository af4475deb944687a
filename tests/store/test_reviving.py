"""The embedded server, started again after it was killed or found no room."""

import os
import resource
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis

from kumo.errors import StoreUnavailableError
from kumo.store import embedded
from tests.stack import eventually
from tests.store.test_embedded import server_pid

pytestmark = pytest.mark.server  # of which it is about


@pytest.fixture
def killed() -> Iterator[Path]:
    """Return the folder of a server that was killed after a write."""
    with TemporaryDirectory(prefix="kumo-test-") as name:
        folder = Path(name)
        with embedded.serve(folder) as url:
            with Redis.from_url(url) as client:
                client.set("kumo:x", "kept")
            os.kill(server_pid(url), signal.SIGKILL)
            eventually(lambda: not embedded.is_there(folder))
            yield folder
        assert not embedded.is_there(folder)


def kept(folder: Path) -> object:
    eventually(lambda: embedded.running(folder))
    with Redis.from_url(embedded.url(folder)) as client:
        return client.get("kumo:x")


def test_what_was_acknowledged_is_there_though_the_file_ends_in_half_a_write(killed: Path) -> None:
    [log] = (killed / "appendonlydir").glob("*.incr.aof")
    with log.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$6\r\nkumo:")
    assert embedded.exit_code(killed) == -signal.SIGKILL
    assert embedded.revive(killed)
    assert kept(killed) == b"kept"


def test_one_that_lives_is_left_alone(killed: Path) -> None:
    assert embedded.revive(killed)
    before = server_pid(embedded.url(killed)) if kept(killed) else 0
    assert embedded.revive(killed)
    assert server_pid(embedded.url(killed)) == before


def test_many_that_revive_it_at_once_start_one(killed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    spawn = embedded._spawn
    monkeypatch.setattr(embedded, "_spawn", lambda folder: (started.append(folder), spawn(folder)))
    with ThreadPoolExecutor(8) as pool:
        assert any(pool.map(embedded.revive, [killed] * 8))
    assert started == [killed]
    assert kept(killed) == b"kept"


def test_it_waits_for_another_command_that_starts_or_stops_it(killed: Path) -> None:
    with embedded._gate(killed):
        assert not embedded.revive(killed)
    assert not embedded.is_there(killed)


def test_it_waits_for_room(killed: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(StoreUnavailableError, match="is not writable: File too large"):
            embedded.revive(killed)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not embedded.is_there(killed)
    assert embedded.revive(killed)
    assert kept(killed) == b"kept"


def test_the_last_command_stops_one_that_was_revived_just_now(killed: Path) -> None:
    assert embedded.revive(killed)  # and the fixture looks that it is gone after the block
