"""`python -m tests.chaos.up`: `kumo up` with a notifier that tells the harness about its messages."""

import sys

from kumo.cli import supervisor
from kumo.cli.main import main

if __name__ == "__main__":
    supervisor.COMMANDS = {**supervisor.COMMANDS, "notifier": ("tests.chaos.notifier",)}
    sys.argv = ["kumo", "up"]
    main()
