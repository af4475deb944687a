"""The command line as a process in a folder of the test's own."""

import subprocess
import sys
from pathlib import Path

from kumo import settings

ROOT = Path(__file__).parents[2]


def run_kumo(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m kumo` with these arguments, in a folder, under this environment alone."""
    clean = {name: text for name, text in settings.environment().items() if not name.startswith(("KUMO_", "REDIS"))}
    return subprocess.run(
        [sys.executable, "-m", "kumo", *arguments],
        cwd=cwd,
        env=clean | {"PYTHONPATH": str(ROOT)} | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
