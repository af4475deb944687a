"""A stage for one misfortune at a time: Kumo in one process, its clock, its scripts and its deaths in our hand.

Production code has no switches for this. A script is sent to the server without a passage, a header is taken off a
request, a process "dies" by an exception that nothing catches.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from kumo import services as composition
from kumo import settings
from kumo.app import create_app
from kumo.domain.alerts import Alert, Ambiguous, Answer, Outcome
from kumo.domain.entries import DAY_MS, Series
from kumo.engine import delivery, sweep
from kumo.engine.detection import judge
from kumo.engine.totals import combining
from kumo.notify.registry import Channels
from kumo.services import Services
from tests.chaos import oracle
from tests.chaos.book import Book, Row
from tests.chaos.clients import told
from tests.chaos.evidence import Evidence
from tests.chaos.findings import Findings
from tests.chaos.journal import SEND, Event
from tests.chaos.moods import OK, Received
from tests.chaos.stacks import SETTINGS
from tests.clocks import StoreClock
from tests.cut_scripts import CutScripts, Passage
from tests.engine.totals.rest import bring_to_rest
from worker import runtime

START: Final = 1_750_000_000_000
COSTS: Final = Series("AWS EC2", "USD", account="chaos")
OTHERS: Final = Series("AWS S3", "USD", account="chaos")


class Died(BaseException):
    """The process is gone: nothing of ours catches this."""


class SpokenSlack:
    """A Slack that answers as it is told to, in the notifier's own process, so that a scene can stop at any point."""

    title = "Slack"
    fingerprint = "scene"
    ambiguous = Ambiguous.REPEAT

    def __init__(self) -> None:
        self.answers: list[tuple[str, Answer]] = []
        self.received: list[Received] = []
        self.events: list[Event] = []

    def send(self, alerts: Sequence[Alert]) -> Answer:
        mood, answer = self.answers.pop(0) if self.answers else (OK, Answer(Outcome.SENT, "ok"))
        number, at = str(len(self.received)), len(self.received) / 1000
        self.events.append(Event(SEND, "notify", number, at, 0, [[row.id, row.delivery.repeat] for row in alerts]))
        self.received.append(Received(number, mood, accepted=True, at=at))
        return answer


@dataclass
class Scene:
    """The parts of a scene; `cut` says whether its safeguard is off."""

    services: Services
    slack: SpokenSlack
    cut: bool
    clock: StoreClock
    deaf: bool = False
    book: Book = field(default_factory=Book)

    def at(self, point: str, act: Callable[[], object]) -> Services:
        """Return services that do something, once, when they reach a point."""
        waiting = [act]

        def reach(name: str) -> None:
            if name == point and waiting:
                waiting.pop()()

        return replace(self.services, failpoint=reach)

    def post(self, amounts: Iterable[int], key: str, services: Services | None = None) -> None:
        """Send a batch of amounts in units, and keep the acknowledged ones."""
        begin = START + 1000 * self.book.entries
        rows = [Row(COSTS, 10**6 * amount, begin + 1000 * place) for place, amount in enumerate(amounts)]
        self._send(rows, key, services)

    def spend(self, amounts: Mapping[int, int]) -> None:
        """Send what each of two series costs on some days, counted back from today, in units."""
        today = self.clock.now // DAY_MS
        rows = [
            Row(each, 10**6 * amount, (today - back) * DAY_MS + self.book.entries)
            for back, amount in amounts.items()
            for each in (COSTS, OTHERS)
        ]
        self._send(rows, f"days {self.book.requests}")

    def _send(self, rows: Sequence[Row], key: str, services: Services | None = None) -> None:
        body = json.dumps([row.body() for row in rows])
        headers = {} if self.deaf else {"Idempotency-Key": key}
        client = create_app(services or self.services).test_client()
        reply = client.post("/ingest/batch", data=body, headers=headers, content_type="application/json")
        assert reply.status_code == 202, reply.text
        self.book.acknowledge(told(rows, reply.json))

    def judge(self, services: Services | None = None) -> None:
        """Judge pending arrivals, once, and fold the totals that wait."""
        built = services or self.services
        judge.judge_slice(built, built.store.partitions[0])

    def judge_arrivals(self, number: int, services: Services | None = None) -> None:
        """Judge so many arrivals as a judge with a long backlog does: it notes which totals to fold, and folds none."""
        built = services or self.services
        judge.judge_slice(built, built.store.partitions[0], number, judge.Pace())

    def combine(self, services: Services | None = None) -> None:
        """Combine the totals of groups, once."""
        built = services or self.services
        combining.combine(built, built.store.partitions[0])

    def rest(self) -> None:
        """Do all that is left to do, but send nothing."""
        bring_to_rest(self.services)
        sweep.sweep(self.services)
        bring_to_rest(self.services)

    def deliver(self) -> None:
        """Send due alerts, and those that become due after them."""
        for _ in range(20):
            wait = delivery.send_due(self.services)
            if wait is None:
                return
            self.pass_seconds(wait)

    def work(self) -> None:
        """Run the jobs that are queued, as a worker does."""
        runtime._current.append(self.services)
        broker = self.services.jobs.broker
        queue = Queue("judge", connection=broker, serializer=JSONSerializer)
        SimpleWorker([queue], connection=broker, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
        runtime._current.pop()

    def pass_seconds(self, seconds: float) -> None:
        self.clock.pass_by(seconds)

    def findings(self) -> Findings:
        """Let the oracle check the scene."""
        client = create_app(self.services).test_client()

        def get(path: str) -> tuple[Any, str]:
            reply = client.get(path)
            return reply.json, reply.headers.get("Link", "")

        return oracle.check(
            self.book,
            Evidence(self.services, get, self.slack.received, self.slack.events),
        )


def scene(url: str, passages: Mapping[str, Passage], *, cut: bool) -> Scene:
    """Set up a scene on an empty server; `passages` are cut from their scripts if the safeguard is off."""
    environ = SETTINGS | {"REDIS_URL": url, "KUMO_PARTITIONS": "1", "KUMO_LOG_LEVEL": "CRITICAL"}
    built = composition.build(settings.load(environ))
    built.store.client.flushall()
    clock, slack = StoreClock(built.store), SpokenSlack()
    clock.set(START + 10**9)
    store = replace(built.store, scripts=CutScripts(built.store.client, passages)) if cut else built.store
    ready = replace(built, store=store, channels=Channels({"slack": slack}), clock=lambda: clock.now)
    return Scene(ready, slack, cut, clock)
