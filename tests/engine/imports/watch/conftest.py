"""Services to import into, and a folder to watch."""

from pathlib import Path

import pytest

from kumo.services import Services
from tests.engine.conftest import Build, build  # noqa: F401 - a fixture


@pytest.fixture
def services(build: Build) -> Services:  # noqa: F811 - the fixture above
    return build()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"
