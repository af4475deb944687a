"""Worker processes, real ones: they run our jobs alone, stop when asked, and outlive their Redis."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from kumo import services as composition
from kumo import settings
from kumo.domain.entries import Entry, Series
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import embedded, feed
from tests.engine.arrivals import START
from tests.stack import eventually, process

SERIES = Series("AWS EC2", "USD")


def services_at(url: str) -> Services:
    return composition.build(settings.load({"REDIS_URL": url}))


def send(services: Services, count: int, start: int = 0) -> None:
    numbers = range(start, start + count)
    ingest.ingest(services, [Entry(SERIES, 10**6 * n, START + n, external_id=str(n)) for n in numbers])


def judged(services: Services) -> bool:
    return sum(feed.backlog(services.store)) == 0


@pytest.fixture
def judge(redis_url: str) -> Iterator[subprocess.Popen[bytes]]:
    with process("judge", {"REDIS_URL": redis_url}) as running:
        yield running


def test_a_worker_judges_what_was_recorded(redis_url: str, judge: subprocess.Popen[bytes]) -> None:
    services = services_at(redis_url)
    send(services, 100)
    eventually(lambda: judged(services))
    assert judge.poll() is None


def test_a_job_that_is_not_ours_is_refused(redis_url: str, judge: subprocess.Popen[bytes], tmp_path: Path) -> None:
    services = services_at(redis_url)
    queue = Queue("judge", connection=services.jobs.broker, serializer=JSONSerializer)
    queue.enqueue("subprocess.check_call", args=(["touch", str(tmp_path / "owned")],), failure_ttl=60, result_ttl=0)
    eventually(lambda: queue.failed_job_registry.get_job_count(cleanup=False) == 1)
    assert list(tmp_path.iterdir()) == []
    assert judge.poll() is None


def test_sigterm_ends_an_idle_worker_at_once(judge: subprocess.Popen[bytes], redis_url: str) -> None:
    services = services_at(redis_url)
    eventually(lambda: _idle(services))
    judge.send_signal(signal.SIGTERM)
    assert judge.wait(20) == 0
    assert services.store.client.smembers("rq:workers") == set()


def _idle(services: Services) -> bool:
    return any(
        services.store.client.hget(key, "state") == b"idle" for key in services.store.client.smembers("rq:workers")
    )


def test_sigterm_under_load_finishes_the_slice_and_loses_nothing(
    judge: subprocess.Popen[bytes], redis_url: str
) -> None:
    services = services_at(redis_url)
    send(services, 10_000)
    eventually(lambda: feed.backlog(services.store)[services.store.partition(SERIES.id).number] < 10_000)
    judge.send_signal(signal.SIGTERM)
    assert judge.wait(20) == 0
    with process("judge", {"REDIS_URL": redis_url}):
        eventually(lambda: judged(services))


def test_a_worker_goes_on_after_its_redis_was_away() -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        with embedded.serve(folder) as url:
            services = services_at(url)
            worker = running.enter_context(process("judge", {"REDIS_URL": url}))
            send(services, 10)
            eventually(lambda: judged(services))
        with embedded.serve(folder):
            send(services, 10, start=10)
            eventually(lambda: judged(services))
            assert worker.poll() is None
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(20) == 0


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["judge", "notify"]])
def test_a_wrong_command_line_says_what_is_right(arguments: list[str]) -> None:
    found = subprocess.run([sys.executable, "-m", "worker", *arguments], capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "judge|notify" in found.stderr
