"""The walk of one cost from the request to Slack, as a profile of the interpreter sees it."""

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Final, NamedTuple

from flask.testing import FlaskClient
from rq import Queue
from rq.serializers import JSONSerializer

from kumo import services, settings
from kumo.engine import delivery
from kumo.engine.detection import judge
from kumo.jobs import JUDGE
from kumo.services import Services
from kumo.store import embedded
from tests.clients import client_of
from tests.fakes.slack import FakeSlack

ROOT: Final = Path(__file__).parents[2]
USUAL: Final = 12


class Walk(NamedTuple):
    """The files that a cost passes in order of their first call, and how often one file hands on to another."""

    files: list[str]
    turns: int


class Profile:
    """Records each call of our functions, in any thread."""

    def __init__(self) -> None:
        self._calls: list[str] = []
        self._ours: dict[CodeType, str] = {}

    def note(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call" and (name := self._name(frame.f_code)):
            self._calls.append(name)

    def _name(self, code: CodeType) -> str:
        if code not in self._ours:
            path = Path(code.co_filename)
            inside = path.is_relative_to(ROOT / "kumo") or path.is_relative_to(ROOT / "worker")
            self._ours[code] = path.relative_to(ROOT).as_posix() if inside else ""
        return self._ours[code]

    def walk(self) -> Walk:
        turns = sum(one != other for one, other in zip(self._calls, self._calls[1:], strict=False))
        return Walk(list(dict.fromkeys(self._calls)), turns)


@contextmanager
def profiling(profile: Profile) -> Iterator[None]:
    """Record the calls of this thread, and of threads that start meanwhile."""
    threading.setprofile(profile.note)
    sys.setprofile(profile.note)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]  # typeshed does not know that it takes None


def follow() -> Walk:
    """Send a jump after usual costs, and follow it from the request through the judge and the notifier to Slack."""
    with tempfile.TemporaryDirectory() as folder, embedded.serve(Path(folder)) as url, FakeSlack() as slack:
        built = services.build(settings.load({"REDIS_URL": url, "SLACK_WEBHOOK_URL": slack.url}))
        profile = Profile()
        with client_of(built) as client:
            for each in range(USUAL):
                _send(client, 50 + each % 2)
            _work(built)
            with profiling(profile):
                _send(client, 500)
                _work(built)
        assert len(slack.messages) == 1
        return profile.walk()


def _send(client: FlaskClient, amount: float) -> None:
    answer = client.post("/ingest/", json={"service": "AWS EC2", "amount": amount})
    assert answer.status_code == 202, answer.text


def _work(built: Services) -> None:
    """Do what the jobs in the queues ask for: of a judge, one partition each."""
    queue = Queue(JUDGE, connection=built.jobs.broker, serializer=JSONSerializer)
    for job in queue.jobs:
        judge.judge_partition(built, *job.args)
    queue.empty()
    delivery.run(built)
