"""The machine and the versions behind the figures."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Final

from kumo.store.client import connect
from tests.bench import processes

LIBRARIES: Final = ("Flask", "flask-smorest", "marshmallow", "gunicorn", "redis", "hiredis", "rq")


def described() -> str:
    """Describe the machine and its software."""
    with processes.server() as url, connect(url) as client:
        info = client.info("server")
    server = f"{info.get('server_name', 'redis')} {info.get('valkey_version', info['redis_version'])}"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    python = f"Python {platform.python_version()}"
    cores = f"{os.cpu_count()} cores"
    return f"{platform.system()} {platform.machine()}, {cores}, {_memory()}{python}, {server}, {libraries}."


def _memory() -> str:
    try:
        total = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    except (OSError, StopIteration):
        return ""
    return f"{int(total.split()[1]) / 2**20:.0f} GiB, "
