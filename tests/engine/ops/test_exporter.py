"""The content of an export while Kumo runs: each series at one moment, with all arrivals judged."""

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from kumo.domain.entries import Entry, Series
from kumo.engine import ingest
from kumo.engine.ops import access
from kumo.engine.queries.views import Cost
from kumo.services import Services
from kumo.store import snapshots
from kumo.store.scripts import Scripts
from kumo.store.signatures import Argument, Keys
from kumo.store.snapshots import CALL_ENTRIES, Episodes, UnjudgedError
from tests.conftest import Build
from tests.engine.detection.arrivals import SERIES, START, Arrival, judge_all, send
from tests.engine.imports.bills import costs
from tests.engine.ops.moving import export, have_past, restore
from tests.stack import eventually

LONG, SHORT = Series("long", "USD"), Series("short", "USD")


def lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_what_waits_is_judged_first(build: Build, tmp_path: Path) -> None:
    services = build()
    send(services, [Arrival(0, 50_000_000, number, None) for number in range(30)])
    export(services, tmp_path / "export")
    entries = [line for line in lines(tmp_path / "export") if line["kind"] == "entry"]
    assert len(entries) == 30
    assert all("verdict" in entry for entry in entries)


def test_the_first_line_says_what_it_is_and_the_last_one_how_much(build: Build, tmp_path: Path) -> None:
    services = build(KUMO_PARTITIONS="2", KUMO_WINDOW="50")
    have_past(services)
    export(services, tmp_path / "export")
    first, *between, last = lines(tmp_path / "export")
    assert (first["kind"], first["format"], first["partitions"]) == ("kumo export", 1, 2)
    assert first["settings"]["KUMO_WINDOW"] == "50"
    assert last["lines"] == len(between)
    assert last["counts"]["entry"] == 48
    assert (sum(last["seqs"].values()), last["moved"], last["skipped"]) == (48, 0, 0)


def test_no_secret_is_in_it_but_the_digests_of_api_keys(build: Build, tmp_path: Path) -> None:
    webhook = "https://hooks.slack.com/services/T0/B0/thisIsTheSecretPart"
    services = build(SLACK_WEBHOOK_URL=webhook)
    token = access.issue(services, "billing", ["ingest"])
    export(services, tmp_path / "export")
    text = gzip.decompress((tmp_path / "export").read_bytes()).decode()
    assert "thisIsTheSecretPart" not in text
    assert token.rpartition("_")[2] not in text
    assert "digest" in text


def test_a_series_that_waits_is_not_read(build: Build) -> None:
    services = build()
    send(services, [Arrival(0, 10**6, 0, None)])
    series_id = SERIES[0].id
    with pytest.raises(UnjudgedError):
        snapshots.read(services.store, services.store.partition(series_id), series_id, Episodes(), 30_000)


def test_what_was_opened_since_the_series_were_listed_comes_too(build: Build) -> None:
    services = build()
    have_past(services)
    series_id = SERIES[1].id
    found = snapshots.read(services.store, services.store.partition(series_id), series_id, Episodes(), 30_000)
    known = snapshots.series_of(services.store, services.store.partition(series_id))[series_id]
    kinds = [line["kind"] for line in found.lines()]
    assert kinds.count("anomaly") == len(known.anomalies) > 0
    assert kinds.count("alert") == len(known.alerts) > 0


def rows(number: int) -> list[Entry]:
    """Return an entry of each series, older than all before: so the ranks of the others change with each."""
    return [Entry(series, (100 + number % 7) * 10**6, START - number) for series in (LONG, SHORT)]


def keep_ingesting(services: Services, ended: Event) -> int:
    """Send and judge entries of both series until told to stop; return how many of each."""
    number = 0
    while not ended.is_set():
        ingest.ingest(services, rows(number))
        judge_all(services)
        number += 1
    return number


def remembered(services: Services) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = services.store.client.hgetall(services.store.partitions[0].states)
    return found


def test_a_series_is_of_one_moment_while_entries_arrive(build: Build, redis_url: str, tmp_path: Path) -> None:
    alone = {"KUMO_PARTITIONS": "1", "KUMO_DETECTOR": "adaptive"}
    source, target, fed = (build(REDIS_URL=f"{redis_url}?db={number}", **alone) for number in range(3))
    ingest.ingest(source, [Entry(LONG, (100 + n % 7) * 10**6, START + 1 + n) for n in range(CALL_ENTRIES + 200)])
    ended = Event()
    files = [tmp_path / str(number) for number in range(2)]
    with ThreadPoolExecutor(1) as pool:
        count = pool.submit(keep_ingesting, source, ended)
        eventually(lambda: costs_of(source, SHORT))
        for file in files:
            export(source, file)
        ended.set()
        assert count.result() > 0
    for file in files:
        for services in (target, fed):
            services.store.client.flushdb()
        restore(target, file)
        held = {series: costs_of(target, series) for series in (LONG, SHORT)}
        # The detector's state of a series has seen exactly the exported entries.
        ingest.ingest(fed, [cost.entry for series in held for cost in held[series]])
        judge_all(fed)
        assert remembered(target) == remembered(fed)
        assert [cost.verdict for cost in costs(target)] == [cost.verdict for cost in costs(fed)]


def costs_of(services: Services, series: Series) -> list[Cost]:
    """Return the entries of a series in the order in which they arrived."""
    return sorted((cost for cost in costs(services) if cost.series_id == series.id), key=lambda cost: cost.id)


class Interrupted:
    """Scripts, of which the first is followed by something else before its answer is looked at."""

    def __init__(self, scripts: Scripts, then: Callable[[], None]) -> None:
        self._scripts, self._then = scripts, [then]

    def run(self, script: str, keys: Keys, /, **args: Argument) -> Any:  # noqa: ANN401 - as Scripts
        answer = self._scripts.run(script, keys, **args)
        while self._then:
            self._then.pop()()
        return answer


def test_a_series_that_changes_between_two_calls_is_read_again(build: Build) -> None:
    services = build()
    ingest.ingest(services, [Entry(LONG, 10**6, START + n) for n in range(CALL_ENTRIES + 5)])
    judge_all(services)

    def add_an_older_one() -> None:
        ingest.ingest(services, [Entry(LONG, 2 * 10**6, START - 1)])
        judge_all(services)

    interrupted = replace(services.store, scripts=Interrupted(services.store.scripts, add_an_older_one))  # type: ignore[arg-type]
    found = snapshots.read(interrupted, services.store.partition(LONG.id), LONG.id, Episodes(), 30_000)
    entries = [line["id"] for line in found.lines() if line["kind"] == "entry"]
    assert len(set(entries)) == CALL_ENTRIES + 6
