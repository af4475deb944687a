"""Many open pages at one web process: the same requests as in `live.js` and `gates.js`, without browsers.

`python -m tests.browser.readers` runs 200 of them beside one real page, first at rest, then while costs arrive,
and prints the times of answers, the use of the web process, and how soon a spike was on the page.
"""

import asyncio
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import requests
from playwright.sync_api import Page, expect

from kumo.domain.groups import ALL, Group
from tests.bench import filling, processes
from tests.bench.load import percentile
from tests.browser.chromium import browser

COUNT: Final = 200
SECONDS: Final = 20.0
EVERY: Final = 1.0  # EVERY_MS, LONGEST_MS and SHARE of live.js
LONGEST: Final = 15.0
SHARE: Final = 1
SLOW: Final = {
    "costs": (0, 10),
    "summary": (3, 20),
    "groups": (3, 20),
    "days": (3, 20),
}  # PARTS of gates.js: smallest pause in seconds, multiple of the duration
SERIES: Final = 100
STORED: Final = 36_500  # a year of daily entries
SPIKES: Final = 8
STREAM: Final = 0.2  # seconds between two costs that come in
COUNTED: Final = ("kumo_arrivals_total", "kumo_judged_total")
LISTED: Final = ("kumo_anomalies", "kumo_alerts")
TICK: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class Reader:
    """One page: a kept-alive connection, its last state, the durations of its requests and their answers."""

    port: int
    paths: dict[str, str]
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    tags: dict[str, str] = field(default_factory=dict)

    async def run(self, end: float, delay: float) -> None:
        """Look as a page does until the end, beginning after a delay."""
        await asyncio.sleep(delay)
        await self.connect()
        past: dict[str, tuple[float, float]] = {}
        counted, listed, owed = "", "", set[str]()
        while (begun := time.monotonic()) < end:
            figures = (await self.ask("/metrics")).splitlines()
            now, then = lines(figures, COUNTED), lines(figures, LISTED)
            owed |= ({"anomalies", "alerts"} if then != listed else set()) | (set(SLOW) if now != counted else set())
            counted, listed = now, then
            quick = time.monotonic() - begun
            for name in sorted(owed):  # alphabetically: the small ones come first
                least, share = SLOW.get(name, (0, 0))
                at, took = past.get(name, (-100.0, 0.0))
                if time.monotonic() - at >= max(least, share * took):
                    past[name] = (time.monotonic(), await self.ask_for(name))
                    owed.remove(name)
                    quick += 0 if name in SLOW else past[name][1]
            await asyncio.sleep(min(LONGEST, max(EVERY, SHARE * quick)))
        self.writer.close()

    async def ask_for(self, name: str) -> float:
        """Ask for a part of the page; returns how long it took."""
        begun = time.monotonic()
        await self.ask(self.paths[name])
        return time.monotonic() - begun

    async def connect(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, path: str) -> str:
        """Ask one question, with the tag of the last answer if it had one; returns the body."""
        begun = time.perf_counter()
        if self.reader.at_eof():  # the service ended a connection that was idle for long
            await self.connect()
        tag = f"If-None-Match: {self.tags[path]}\r\n" if path in self.tags else ""
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{tag}\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        self.latencies.append(time.perf_counter() - begun)
        self.statuses[int(head[0].split()[1])] += 1
        if "etag" in headers:
            self.tags[path] = headers["etag"]
        return body.decode()


def lines(figures: list[str], names: tuple[str, ...]) -> str:
    return "\n".join(line for line in figures if line.startswith(names))


def paths() -> dict[str, str]:
    """Return the requests of a page, about thirty days and the thirty before."""
    last = time.strftime("%Y-%m-%d", time.gmtime())
    first, before = (time.strftime("%Y-%m-%d", time.gmtime(time.time() - days * 86_400)) for days in (29, 59))
    return {
        "costs": "/costs/?limit=12",
        "summary": f"/costs/summary?{urlencode({'by': 'service', 'from': before, 'to': last, 'top': 8})}",
        "groups": "/groups/?dimension=all&top=21",
        "days": f"/groups/{Group(ALL, (), 'USD').id}?{urlencode({'from': first, 'to': last})}",
        "anomalies": f"/anomalies/?{urlencode({'from': first, 'to': last, 'limit': 200})}",
        "alerts": "/alerts/?limit=100",
    }


@contextmanager
def looking(port: int, seconds: float) -> Iterator[list[Reader]]:
    """Run the readers in a thread, spread over a second; they have finished at the end."""
    readers = [Reader(port, paths()) for _ in range(COUNT)]
    end = time.monotonic() + seconds

    async def all_of_them() -> None:
        await asyncio.gather(*(one.run(end, EVERY * number / COUNT) for number, one in enumerate(readers)))

    thread = threading.Thread(target=lambda: asyncio.run(all_of_them()))
    thread.start()
    try:
        yield readers
    finally:
        thread.join()


def used(pids: list[int]) -> float:
    """Return the seconds of processor time that processes have used."""
    rows = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(row[11]) + int(row[12]) for row in rows) / TICK


def web_processes() -> list[int]:
    """Return the children of gunicorn, which is our child."""

    def children(pid: int) -> list[int]:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    masters = [pid for pid in children(os.getpid()) if "gunicorn" in Path(f"/proc/{pid}/cmdline").read_text()]
    return [child for master in masters for child in children(master)]


def report(name: str, readers: list[Reader], seconds: float, cpu: float) -> None:
    times = [latency for one in readers for latency in one.latencies]
    statuses: Counter[int] = sum((one.statuses for one in readers), Counter())
    shown = ", ".join(f"{percentile(times, share) * 1000:.0f}" for share in (0.5, 0.95, 0.99))
    print(f"{name}: {len(times) / seconds:.0f} requests a second, {dict(statuses)}; p50, p95, p99: {shown} ms;")
    print(f"  the web process used {cpu / seconds:.2f} of a core, {cpu / len(times) * 1000:.2f} ms a request")


def entry(service: str, amount: float) -> dict[str, Any]:
    return {"service": service, "amount": amount}


def spike(base: str, page: Page, number: int) -> float:
    """Post a spike of a new series; returns the seconds until it is in the page's list."""
    service = f"spike {number} of {time.time():.0f}"
    history = [entry(service, 50 + step % 3) for step in range(20)]
    requests.post(f"{base}/ingest/batch", json=history, timeout=30).raise_for_status()
    time.sleep(2 * EVERY)
    begun = time.monotonic()
    requests.post(f"{base}/ingest/", json=entry(service, 500), timeout=30).raise_for_status()
    expect(page.locator("#anomalies")).to_contain_text(service, timeout=60_000)
    return time.monotonic() - begun


def phase(name: str, port: int, page: Page, *, streaming: bool) -> None:
    base, over, spikes = f"http://127.0.0.1:{port}", threading.Event(), []
    stream = threading.Thread(target=_stream, args=(base, over))
    with looking(port, SECONDS * 2) as readers:
        time.sleep(SECONDS / 2)  # all have loaded: what follows is looking
        for one in readers:
            one.latencies, one.statuses = [], Counter()
        begun, cpu = time.monotonic(), used(web_processes())
        if streaming:
            stream.start()
            spikes = [spike(base, page, number) for number in range(SPIKES)]
        else:
            time.sleep(SECONDS)
        seconds, cpu = time.monotonic() - begun, used(web_processes()) - cpu
        report(name, [*readers], seconds, cpu)
        over.set()
    if streaming:
        stream.join()
        print(f"  a spike was on the page after {', '.join(f'{seconds:.2f}' for seconds in sorted(spikes))} s")


def _stream(base: str, over: threading.Event) -> None:
    number = 0
    while not over.wait(STREAM):
        number += 1
        requests.post(f"{base}/ingest/", json=entry(f"stream {number % 10}", 100 + number % 5), timeout=30)


def main() -> None:
    """Measure one web process with the readers, at rest and while costs come in."""
    print(f"{COUNT} readers, one web process; load of the machine before: {os.getloadavg()[0]:.1f}")
    with processes.server() as url:
        begin = int(time.time() * 1000) - 365 * 86_400_000
        filling.fill(filling.alone(url), filling.Plan(filling.series(SERIES), STORED, begin, 86_400_000))
        commands = (["worker", "judge"],)
        with processes.web(url, WEB_CONCURRENCY="1") as port, processes.workers(url, *commands), browser() as chromium:
            page = chromium.new_page()
            page.goto(f"http://127.0.0.1:{port}/dashboard/")
            expect(page.locator("#link-text")).to_have_text("live", timeout=30_000)
            phase("at rest", port, page, streaming=False)
            phase(f"while {1 / STREAM:.0f} costs a second come in", port, page, streaming=True)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
