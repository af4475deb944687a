"""The result of a message if the connection to Slack, or the answer, is broken."""

import logging
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import parse_headers
from itertools import chain, repeat
from socketserver import StreamRequestHandler, TCPServer

import pytest

from kumo.domain.alerts import Answer, Outcome
from kumo.notify.http_post import _Line
from kumo.notify.slack.channel import Slack
from tests.fakes.slack import (
    BROKEN_AFTER_ACCEPTING,
    DRIP,
    DRIP_BODY,
    HANG,
    PATH,
    RESET_AFTER_ACCEPTING,
    FakeSlack,
    Play,
)
from tests.notify.sending import ALERT, send


@pytest.mark.parametrize("play", [BROKEN_AFTER_ACCEPTING, RESET_AFTER_ACCEPTING])
def test_a_message_that_arrived_without_a_good_answer_is_ambiguous(slack: FakeSlack, play: Play) -> None:
    slack.answer(play)
    assert send(slack.url).outcome is Outcome.AMBIGUOUS
    assert len(slack.messages) == 1


@pytest.mark.parametrize("play", [HANG, DRIP])
def test_an_answer_that_does_not_come_in_time_is_ambiguous(slack: FakeSlack, play: Play) -> None:
    slack.answer(play)
    started = time.monotonic()
    answer = send(slack.url, timeout=0.4)
    assert 0.3 < time.monotonic() - started < 1.5
    assert answer.outcome is Outcome.AMBIGUOUS
    assert "in time" in answer.detail


@pytest.mark.parametrize(("status", "outcome"), [(200, Outcome.SENT), (404, Outcome.OFF)])
def test_a_body_that_never_ends_leaves_the_status_to_count(slack: FakeSlack, status: int, outcome: Outcome) -> None:
    slack.answer(replace(DRIP_BODY, status=status))
    started = time.monotonic()
    assert send(slack.url, timeout=0.4).outcome is outcome
    assert time.monotonic() - started < 1.5


@contextmanager
def raw_server(answer: Iterable[bytes]) -> Iterator[str]:
    """Run a server that sends these bytes, whatever they are, to its first visitor."""

    class Raw(StreamRequestHandler):
        def handle(self) -> None:
            parse_headers(self.rfile)
            try:
                for part in answer:
                    self.wfile.write(part)
            except OSError:
                pass

    with TCPServer(("127.0.0.1", 0), Raw) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}{PATH}"
        thread.join()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"", Outcome.AMBIGUOUS),
        (b"garbage", Outcome.AMBIGUOUS),
        (b"HTTP/1.1 2", Outcome.AMBIGUOUS),
        (b"HTTP/1.1 many OK\r\n\r\n", Outcome.AMBIGUOUS),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n", Outcome.AMBIGUOUS),
        (b"HTTP/1.1 500 No\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", Outcome.AMBIGUOUS),
        (b"HTTP/1.1 200 OK\r\nno colon here\r\nX: y\r\n\r\nok", Outcome.SENT),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Outcome.SENT),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nok", Outcome.SENT),
        (b"HTTP/1.1 302 No\r\nLocation: http://[::bad\r\n\r\n", Outcome.OFF),
        (b"HTTP/1.1 404 No\r\nContent-Type: \xff; charset=\x80\r\n\r\n", Outcome.OFF),
        (b"HTTP/1.1 429 No\r\nRetry-After: \xff\xfe\r\n\r\n", Outcome.PAUSED),
    ],
)
def test_an_answer_that_no_server_should_give_raises_nothing(answer: bytes, outcome: Outcome) -> None:
    with raw_server([answer]) as url:
        assert send(url).outcome is outcome


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK", b"HTTP/1.1 302 No\r\nLocation: http://[::1]:9"])
def test_an_endless_body_is_not_read_to_its_end(head: bytes) -> None:
    flood = chain([head + b"\r\n\r\n"], repeat(b"x" * 65_536))
    started = time.monotonic()
    with raw_server(flood) as url:  # which ends only when its visitor has left
        assert send(url, timeout=10.0).outcome in {Outcome.SENT, Outcome.OFF}
    assert time.monotonic() - started < 5.0


def test_a_redirect_is_not_followed(slack: FakeSlack) -> None:
    with FakeSlack() as elsewhere:
        slack.answer(Play(307, headers=(("Location", elsewhere.url),), accepts=False))
        assert send(slack.url).outcome is Outcome.OFF
        assert elsewhere.requests == []


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    answer = send(f"http://127.0.0.1:{free_port()}{PATH}")
    assert answer == Answer(Outcome.REFUSED, "Slack could not be reached: nothing was sent.")


def test_a_name_that_does_not_resolve_means_that_nothing_was_sent() -> None:
    slack = Slack(f"https://slack.invalid{PATH}", ["slack.invalid"], "", timeout=2.0)
    assert slack.send([ALERT]).outcome is Outcome.REFUSED


def test_a_connection_that_is_not_taken_means_that_nothing_was_sent() -> None:
    # A full backlog leaves further connections unanswered.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.settimeout(0)
            filler.connect_ex(address)
        time.sleep(0.05)
        answer = send(f"http://127.0.0.1:{address[1]}{PATH}", timeout=0.3)
        for filler in fillers:
            filler.close()
    assert answer.outcome is Outcome.REFUSED
    assert "in time" in answer.detail


def test_no_tls_means_that_nothing_was_sent(slack: FakeSlack) -> None:
    answer = send(slack.url.replace("http:", "https:"))
    assert answer.outcome is Outcome.REFUSED
    assert "TLS" in answer.detail
    assert slack.messages == []


def test_a_post_leaves_no_thread_behind(slack: FakeSlack) -> None:
    send(slack.url)
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_the_proxy_of_the_environment_is_not_used(slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert send(slack.url).outcome is Outcome.SENT


def test_a_connection_that_stands_too_late_is_not_written_to() -> None:
    line = _Line()
    line.cut()
    with socket.socket() as late, pytest.raises(TimeoutError):
        line.note_open(late)
    assert line.socket is None


def test_no_part_of_urllib3_may_write_to_the_log() -> None:
    known = logging.root.manager.loggerDict.items()
    loggers = [log for name, log in known if name.startswith("urllib3.")]
    record = logging.makeLogRecord({"msg": PATH})
    assert len(loggers) > 4
    for log in loggers:
        assert not (isinstance(log, logging.Logger) and log.filter(record)), log
