"""One attack from beginning to end: start everything, attack, calm down, count."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import redis
import requests

from kumo.domain.policies import Policy
from kumo.engine.detection import policies
from kumo.services import Services
from kumo.store import destinations
from tests.chaos import oracle
from tests.chaos.biller import Biller
from tests.chaos.book import Book
from tests.chaos.clients import Client
from tests.chaos.evidence import Evidence, leftovers, orphans, unfinished
from tests.chaos.findings import FAULTS, Findings
from tests.chaos.journal import Event, Journal
from tests.chaos.moods import MoodySlack
from tests.chaos.stacks import SETTINGS, OneByOne, Stack
from tests.chaos.through_up import ThroughUp
from tests.chaos.traffic import Traffic
from tests.stack import answers

HEAL_SECONDS: Final = 300.0
SIZES: Final = {"KUMO_PARTITIONS": "4", "WEB_CONCURRENCY": "2", "KUMO_LOG_LEVEL": "WARNING"}
# The default detector soon takes spikes for normal, and its anomalies last a day: plain z finds more to check.
PLAIN: Final = Policy("plain", match={"service": "own *"}, detector="zscore")


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of an attack: its seed, the smallest number of kills, its longest duration, the sync mode of Redis.

    `pause` is the mean time in seconds between two random kills, `haste` how many times sooner than usual a process
    dies at a point; `heal` says whether to wait until RQ has forgotten the jobs of killed workers, `through_up` whether
    everything runs under `python -m kumo up`, which then is the only one to restart killed processes.
    """

    seed: int
    kills: int
    seconds: float
    appendfsync: str
    pause: float = 1.5
    haste: int = 1
    clients: int = 6
    heal: bool = True
    through_up: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The attacks, and the results."""

    plan: Plan
    seconds: float
    events: list[Event]
    moods: dict[str, int]
    book: Book
    findings: Findings


class Storm:
    """Everything that runs during an attack."""

    def __init__(self, folder: Path, plan: Plan, slack: MoodySlack, journal: Journal) -> None:
        self.plan = plan
        self.slack = slack
        self.journal = journal
        self.book = Book()
        own = {"CHAOS_HASTE": str(plan.haste), "CHAOS_APPENDFSYNC": plan.appendfsync}
        environ = SETTINGS | SIZES | own | {"SLACK_WEBHOOK_URL": slack.url}
        kind = ThroughUp if plan.through_up else OneByOne
        self.stack: Stack = kind(folder, journal, environ, plan.seed, plan.pause)
        self.clients = [self._client(number) for number in range(plan.clients)]
        self.biller = Biller(self.stack.url, self.book, plan.seed, self.stack.services().clock)

    def _client(self, number: int) -> Client:
        traffic = Traffic(self.book, number, self.plan.seed, self.stack.services().clock)
        return Client(self.stack.url, self.book, traffic, number, self.plan.seed)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run everything while the block runs."""
        try:
            self.stack.prepare()
            policies.put(self.stack.services(), PLAIN)
            self.stack.start()
            for client in (*self.clients, self.biller):
                client.start()
            yield
        finally:
            for client in (*self.clients, self.biller):
                client.stopping.set()
            self.stack.stop()

    def rage(self, report: Callable[[str], None]) -> None:
        """Wait until there were enough kills and one at every point, or the time is over."""
        ends = time.monotonic() + self.plan.seconds
        looking = self.stack.services()
        reported = 0
        while ((kills := self.journal.kills()) < self.plan.kills or self._spared()) and time.monotonic() < ends:
            if kills >= reported + 50:
                reported = kills
                report(f"{kills} kills, {self.book.entries} entries")
            self.listen_again(looking)
            time.sleep(0.5)

    def _spared(self) -> set[str]:
        """Return the points at which no process has died yet."""
        return {*self.stack.points} - {event.where for event in self.journal.read()}

    def listen_again(self, looking: Services) -> None:
        """Switch a destination on again, as a person would: with a test message."""
        with suppress(redis.RedisError, requests.RequestException):
            if destinations.find(looking.store, looking.channels.default).state == "off":
                requests.post(f"{self.stack.url}/alerts/test", timeout=5)

    def finish(self, report: Callable[[str], None]) -> None:
        """Let every client finish, then wait until Kumo has no work left, and RQ nothing to clean up."""
        for client in (*self.clients, self.biller):
            client.stopping.set()
        for client in self.clients:
            client.join()
        self.journal.calm_down()
        self.biller.join()  # a bill takes long while importers are killed
        looking = self.stack.services()
        report("calm: waiting for Kumo to finish")
        self._until_none(lambda: [] if answers(self.stack.url) else ["no web"], self.stack.quiet_seconds, looking)
        self._until_none(lambda: unfinished(looking), self.stack.quiet_seconds, looking)
        if self.plan.heal:
            report("quiet: waiting for RQ to forget the jobs of the dead")
            left = self._until_none(lambda: leftovers(looking), HEAL_SECONDS, looking)
            self.book.faults += [f"in RQ after {HEAL_SECONDS:.0f} s: {text}" for text in left]
        self.book.faults += orphans(looking)

    def _until_none(self, look: Callable[[], list[str]], seconds: float, looking: Services) -> list[str]:
        ends = time.monotonic() + seconds
        found = ["Redis is not there"]
        while found and time.monotonic() < ends:
            time.sleep(0.2)
            with suppress(redis.RedisError):
                found = look()
            self.listen_again(looking)
        return found

    def get(self, path: str) -> tuple[Any, str]:
        """Ask Kumo, as everyone else does."""
        reply = requests.get(self.stack.url + path, timeout=60)
        reply.raise_for_status()
        return reply.json(), reply.headers.get("Link", "")

    def judge(self) -> Findings:
        """Compare the state with what was sent."""
        events = list(self.journal.read())
        evidence = Evidence(self.stack.services(), self.get, list(self.slack.received), events)
        return oracle.check(self.book, evidence)


def attack(plan: Plan, report: Callable[[str], None], keep: Path | None = None) -> Outcome:
    """Attack Kumo by a plan; `report` receives sentences on the way. Logs and data stay in `keep`, if given."""
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kumo-chaos-")))
        folder.mkdir(parents=True, exist_ok=True)
        journal = Journal(folder / "journal")
        with MoodySlack(journal, plan.seed) as slack:
            storm = Storm(folder, plan, slack, journal)
            with storm.running():
                storm.rage(report)
                storm.finish(report)
                findings = storm.judge()
            findings.wrong[FAULTS] += storm.stack.faults
        events = list(journal.read())
        seconds = time.monotonic() - begun
        return Outcome(plan, seconds, events, dict(slack.moods()), storm.book, findings)
