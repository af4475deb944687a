"""`python -m tests.chaos.notifier`: a notifier that numbers its messages and writes down what each was about."""

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
    slack = LoggedSlack(chosen.slack_webhook_url, chosen.slack_hosts, chosen.public_url, journal, SLACK_SECONDS)

    def reach(point: str) -> None:
        if point == "settle.after":
            slack.settled()

    runtime.run("notify", replace(services.build(chosen), slack=slack, failpoint=reach))


if __name__ == "__main__":
    main()
