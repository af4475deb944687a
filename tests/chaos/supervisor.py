"""Keeps Kumo running while killing it: restarts dead processes, and kills others at random."""

import multiprocessing
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from typing import Final

from tests.chaos import process, proxy
from tests.chaos.journal import KILL, Journal
from tests.chaos.server import Server

TICK_SECONDS: Final = 0.05
REDIS_DOWN_SECONDS: Final = (0.0, 0.8)
# The targets of random kills, with their relative frequencies.
TARGETS: Final = {"judge": 5, "notify": 3, "import": 1, "web worker": 4, "web group": 2, "redis": 4}


@dataclass
class Slot:
    """A process that must run: its role, and the one that runs now."""

    role: str
    running: ForkServerProcess | None = None


class Supervisor(threading.Thread):
    """Starts, restarts and kills, from one thread; `faults` are unexpected ends."""

    def __init__(self, server: Server, journal: Journal, environ: Mapping[str, str], seed: int, pause: float) -> None:
        super().__init__(name="supervisor", daemon=True)
        self._server = server
        self._journal = journal
        self._environ = dict(environ)
        self._rng = random.Random(f"{seed} supervisor")
        self._pause = pause
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.chaos.process", "tests.chaos.proxy"])
        self._slots = [Slot(role) for role in ("web", "judge", "judge", "notify", "notify", "import")]
        self._proxy: ForkServerProcess | None = None
        self._stopping = threading.Event()
        self._redis_back_at: float | None = None
        self.faults: list[str] = []

    def stand_between(self, redis_port: int, web_port: int, proxied_port: int) -> None:
        """Start the lines that lose replies."""
        seed = int(self._environ["CHAOS_SEED"])
        args = (str(self._journal.path), seed, str(self._server.socket), redis_port, web_port, proxied_port)
        self._proxy = self._context.Process(target=proxy.run, args=args)
        self._proxy.start()

    def run(self) -> None:
        next_kill = time.monotonic() + self._pause
        while not self._stopping.wait(TICK_SECONDS):
            self._tend()
            if time.monotonic() >= next_kill and not self._journal.is_calm():
                next_kill = time.monotonic() + self._rng.expovariate(1 / self._pause)
                self._kill(self._rng.choices(list(TARGETS), list(TARGETS.values()))[0])

    def stop(self) -> None:
        """Kill everything for good."""
        self._stopping.set()
        self.join()
        for slot in self._slots:
            self._kill_group(slot.running)
        self._kill_group(self._proxy)
        self._server.kill()

    def _tend(self) -> None:
        if self._redis_back_at is not None and time.monotonic() >= self._redis_back_at:
            self._redis_back_at = None
            self._server.start()
        for slot in self._slots:
            if slot.running is not None and not slot.running.is_alive():
                if slot.running.exitcode != -signal.SIGKILL:
                    self.faults.append(f"{slot.role} {slot.running.pid} ended by itself: exit {slot.running.exitcode}")
                self._kill_group(slot.running)  # the workers of a gunicorn that is gone
                slot.running = None
            if slot.running is None:
                slot.running = self._context.Process(target=process.run, args=(slot.role, self._environ))
                slot.running.start()

    def _kill(self, target: str) -> None:
        if target == "redis":
            if self._redis_back_at is None:
                self._journal.write(KILL, "redis", "random")
                self._server.kill()
                self._redis_back_at = time.monotonic() + self._rng.uniform(*REDIS_DOWN_SECONDS)
            return
        role, _, part = target.partition(" ")
        chosen = self._rng.choice([slot for slot in self._slots if slot.role == role]).running
        if chosen is None or chosen.pid is None or not chosen.is_alive():
            return
        if part == "worker":
            workers = children(chosen.pid)
            if workers:
                victim = self._rng.choice(workers)
                self._journal.write(KILL, role, "random worker", victim)
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
            return
        self._journal.write(KILL, role, "random group" if part else "random", chosen.pid)
        self._kill_group(chosen)

    def _kill_group(self, running: ForkServerProcess | None) -> None:
        if running is None or running.pid is None:
            return
        with suppress(ProcessLookupError):
            if group_of(running.pid) == running.pid:
                os.killpg(running.pid, signal.SIGKILL)
        running.kill()
        running.join(10)


def group_of(pid: int) -> int:
    """Return a process's group: for one that is gone, the group that it led and that its children may still be."""
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return pid


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]
