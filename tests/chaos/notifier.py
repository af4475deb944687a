"""`python -m tests.chaos.notifier`: a notifier that numbers its messages and records the alerts of each."""

import os
from dataclasses import replace
from pathlib import Path

from kumo import logs, services, settings
from tests.chaos.journal import Journal
from tests.chaos.process import LoggedSlack
from worker import runtime

SLACK_SECONDS = 10.0


def main() -> None:
    """Be the notifier of `up`."""
    chosen = settings.load()
    logs.configure(chosen.log_level)
    journal = Journal(Path(os.environ["CHAOS_JOURNAL"]))
    slack = LoggedSlack(chosen, journal, SLACK_SECONDS)

    def reach(point: str) -> None:
        if point == "outcome.after":
            slack.note_outcome()

    runtime.run("notify", replace(services.build(chosen), channels=slack.channels, failpoint=reach))


if __name__ == "__main__":
    main()
