"""`python -m worker judge`, `notify` or `import`: one worker process for one queue."""

import sys

from kumo import logs, services, settings
from kumo.errors import KumoError
from kumo.jobs import FUNCTIONS
from worker import runtime


def main(arguments: list[str]) -> int:
    """Run the worker of the queue named on the command line; return the exit code."""
    if len(arguments) != 1 or arguments[0] not in FUNCTIONS:
        sys.stderr.write(f"usage: python -m worker {'|'.join(FUNCTIONS)}\n")
        return 2
    try:
        chosen = settings.load()
        logs.configure(chosen.log_level)
        runtime.run(arguments[0], services.build(chosen))
    except KumoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
