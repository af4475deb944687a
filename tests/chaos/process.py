"""Kumo's own processes, as in production except for one thing: they may die at a named point.

`python -m tests.chaos.process judge|notify|web`, with the environment of `Place`. The harness forks them from a server
that has everything imported, because otherwise a restart would cost more than all the rest.
"""

import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from gunicorn.app.wsgiapp import WSGIApplication

import kumo.app  # noqa: F401 - so that the server that processes are forked from has it imported
from kumo import services as composition
from kumo import settings
from kumo.domain.alerts import Alert, Ambiguous, Answer
from kumo.domain.entries import DAY_MS
from kumo.domain.totals.periods import HOUR_MS
from kumo.notify.registry import Channels
from kumo.notify.slack.channel import Slack
from kumo.services import Services
from kumo.settings import Settings
from kumo.store.scripts import Scripts
from tests.chaos import lifeline
from tests.chaos.failpoints import Failpoint
from tests.chaos.journal import RECORDED, SEND, Journal
from worker import runtime

# Kumo's clock runs ten times faster than ours: a lease of 30 s ends after 3 s, and twenty kills fit in a minute. Slack
# gets the tenth part of its time as well, so that two posts still end well within a lease.
SPEED: Final = 10
SLACK_SECONDS: Final = 0.7
DAY_SECONDS: Final = 10.0


class LoggedSlack(Slack):
    """Slack, with a number in each message's address, so that the harness knows which alerts a message was about."""

    def __init__(self, chosen: Settings, journal: Journal, seconds: float = SLACK_SECONDS) -> None:
        webhook, ambiguous = chosen.slack_webhook_url, Ambiguous(chosen.slack_ambiguous)
        super().__init__(webhook, chosen.slack_hosts, chosen.public_url, ambiguous, seconds)
        self._webhook = webhook
        self._journal = journal
        self._number = ""

    @property
    def channels(self) -> Channels:
        """Return only this one, instead of those in the settings."""
        return Channels({"slack": self})

    @property
    def fingerprint(self) -> str:
        """The destination's, which the numbers do not change."""
        return "chaos"

    def send(self, alerts: Sequence[Alert]) -> Answer:
        self._number = secrets.token_hex(8)
        self._journal.write(SEND, "notify", self._number, [[alert.id, alert.delivery.repeat] for alert in alerts])
        self._url = f"{self._webhook}/{self._number}"
        return super().send(alerts)

    def note_outcome(self) -> None:
        """Record that the outcome of the last message is stored."""
        if self._number:
            self._journal.write(RECORDED, "notify", self._number)
            self._number = ""


def build_clock(journal: Journal, started: float) -> Callable[[], int]:
    """Return Kumo's clock, in ms since 1970: it begins in the morning, and every few seconds a day is over."""
    morning = int(started * 1000) // DAY_MS * DAY_MS + 8 * HOUR_MS

    def clock() -> int:
        now = time.time()
        days = int((min(now, journal.calm_at() or now) - started) / DAY_SECONDS)
        return morning + int((now - started) * SPEED * 1000) + days * DAY_MS

    return clock


def hurried(built: Services, journal: Journal, started: float) -> Services:
    """Return services whose clock, and whose store's clock, run fast. The store's has no long days to skip."""
    part = f"""
    local function now()
      local time = redis.call('TIME')
      local started = {int(started * 1000)}
      return started + (time[1] * 1000 + math.floor(time[2] / 1000) - started) * {SPEED}
    end
    """
    store = replace(built.store, scripts=Scripts(built.store.client, {"clock": part}))
    return replace(built, store=store, clock=build_clock(journal, started))


def build(role: str, environ: Mapping[str, str]) -> Services:
    """Build the services of a process that dies at a failpoint."""
    journal = Journal(Path(environ["CHAOS_JOURNAL"]))
    started = float(environ["CHAOS_STARTED"])
    chosen = settings.load({name: text for name, text in environ.items() if not name.startswith("CHAOS_")})
    slack = LoggedSlack(chosen, journal)
    deadly = Failpoint(journal, role, int(environ["CHAOS_SEED"]), int(environ["CHAOS_HASTE"]))

    def reach(point: str) -> None:
        if point == "outcome.after":
            slack.note_outcome()
        deadly(point)

    return replace(hurried(composition.build(chosen), journal, started), channels=slack.channels, failpoint=reach)


def run(role: str, environ: Mapping[str, str]) -> None:
    """Run one of Kumo's processes until killed; its output goes to a file of its role."""
    os.setsid()  # its own group, which can be killed as a whole
    log = os.open(Path(environ["CHAOS_JOURNAL"]).with_name(f"{role}.log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for name in [name for name in os.environ if name.startswith(("KUMO_", "REDIS", "SLACK"))]:
        del os.environ[name]
    os.environ.update(environ)
    lifeline.hold()
    if role == "web":
        sys.argv = ["gunicorn", "-c", "python:kumo.serving", "tests.chaos.wsgi:app"]
        WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()
    else:
        logging.basicConfig(level="INFO", format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
        runtime.run(role, build(role, os.environ))


if __name__ == "__main__":
    run(sys.argv[1], dict(os.environ))
