"""The units for systemd: they start the processes of the Procfile, and systemd itself finds no fault."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kumo.cli.main import cli
from kumo.cli.processes import COMMANDS

ROOT = Path(__file__).parents[1]
UNITS = ROOT / "deploy" / "systemd"
NAMES = {"web": "web", "worker": "judge", "notifier": "notifier", "importer": "importer"}
ANALYZE = shutil.which("systemd-analyze")


def command(unit: str) -> str:
    [found] = re.findall(r"^ExecStart=.*-m (.*?)['\n]", (UNITS / unit).read_text() + "\n", re.MULTILINE)
    return str(found)


def test_each_process_has_its_unit() -> None:
    assert {name: command(f"kumo-{unit}.service") for name, unit in NAMES.items()} == {
        name: " ".join(arguments) for name, arguments in COMMANDS.items()
    }


@pytest.mark.parametrize("unit", ["kumo.service", "kumo-backup.service"])
def test_each_command_that_a_unit_runs_exists(unit: str) -> None:
    assert command(unit).split()[1] in cli.commands


@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.iterdir()))
def test_systemd_finds_nothing_wrong(unit: str, tmp_path: Path) -> None:
    if ANALYZE is None:
        pytest.skip("systemd-analyze is not installed")
    # It wants the programs to be there, as they are where Kumo is installed.
    for path in UNITS.iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("/srv/kumo", str(ROOT)))
    found = subprocess.run([ANALYZE, "verify", str(tmp_path / unit)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
