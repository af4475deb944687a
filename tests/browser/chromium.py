"""The browser of the tests: Debian's Chromium, or another installed browser of its family.

`python -m tests.browser.chromium` installs it if it is missing and may be installed; otherwise it says how.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HOW: Final = "The browser tests need Chromium. On Debian or Ubuntu: sudo apt-get install chromium"
INSTALL: Final = ("apt-get update -qq", "apt-get install -qq -y --no-install-recommends chromium")


def find() -> str | None:
    """Return the path of the browser; None if there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """Run the browser; fail with instructions if there is none."""
    path = find()
    assert path, HOW
    # Root may not run Chromium's sandbox, and in a container there is often only root.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=options)
        try:
            yield running
        finally:
            running.close()


def install() -> None:
    """Install the browser if it is missing and this user may."""
    if find() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing Chromium for the browser tests", flush=True)
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in INSTALL:
        subprocess.run(command.split(), env=environ, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    install()
    if not find():
        sys.exit(HOW)
