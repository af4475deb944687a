"""A folder with deliveries for the tests of watching one."""

import json
import os
from pathlib import Path
from typing import Final

from kumo.domain.imports import Import
from kumo.engine.imports.watch import Watch
from kumo.services import Services
from tests.engine.imports.bills import USD, Cost

JUNE: Final[list[Cost]] = [(day, service, 10 + day) for day in range(5) for service in ("EC2", "S3")]
NEWER: Final[list[Cost]] = [(day, service, 20 + day) for day in range(5) for service in ("EC2", "S3")]
HALF: Final = 5


def watching(services: Services, folder: Path) -> Watch:
    return Watch(services, folder, USD, lambda: False)


def put(folder: Path, name: str, content: bytes, age: int = 0) -> Path:
    """Write a file that changed so many seconds before now."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    at = path.stat().st_mtime - age
    os.utime(path, (at, at))
    return path


def looked(watch: Watch) -> list[Import]:
    """Look until nothing more is to be done."""
    watch.look()
    done: list[Import] = []
    while fresh := watch.look():
        done += fresh
    return done


def manifest(folder: Path, name: str, *files: str, age: int = 0) -> Path:
    return put(folder, name, json.dumps({"reportKeys": [f"bucket/export/{file}" for file in files]}).encode(), age)
