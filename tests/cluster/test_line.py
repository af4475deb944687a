"""The whole line on a cluster: spread over its nodes, read back across them, exact to the last digit."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from kumo.app import create_app
from kumo.domain.entries import Entry, Series
from kumo.engine import delivery, ingest
from kumo.engine.ops import health, verification
from kumo.engine.queries import daily_sums, lookup
from kumo.engine.queries.views import Query
from kumo.services import Services
from tests.cli.test_main import kumo
from tests.cluster.nodes import Nodes
from tests.conftest import Build
from tests.engine.detection.arrivals import START, everything, judge_all
from tests.fakes.slack import FakeSlack
from tests.stack import eventually, stack

SERIES = [Series(f"service {number}", "USD", account=str(number % 5)) for number in range(40)]


def history(seed: int, size: int) -> list[Entry]:
    """Entries of all series in random order; a third of them named, and some of those restated."""
    chance = random.Random(seed)
    names = [""] * 20 + [f"bill {number}" for number in range(10)]
    return [
        Entry(chance.choice(SERIES), chance.randrange(-(10**12), 10**15), START + at, external_id=name)
        for name, at in (
            (name, names.index(name) if name else at) for at, name in enumerate(chance.choices(names, k=size))
        )
    ]


def expected(entries: list[Entry]) -> Counter[tuple[Series, int]]:
    named = {(entry.series, entry.external_id): entry.amount for entry in entries if entry.external_id}
    found = Counter((entry.series, entry.amount) for entry in entries if not entry.external_id)
    found.update((series, amount) for (series, _), amount in named.items())
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_hundreds_of_random_entries_are_exact_and_on_every_node(build: Build, cluster: Nodes, seed: int) -> None:
    services = build()
    entries = history(seed, 900)
    sizes = random.Random(seed)
    at = 0
    while at < len(entries):
        size = sizes.choice([1, 7, 300])
        ingest.ingest(services, entries[at : at + size])
        judge_all(services)
        at += size
    assert list(verification.differences(services)) == []
    held = [Counter(key.split(b"}")[0] for key in node.client.scan_iter()) for node in cluster.all]
    assert all(held)
    assert sum(len(tags) for tags in held) == len(set().union(*held))
    rows = lookup.list_costs(services, everything()).rows
    assert Counter((row.entry.series, row.entry.amount) for row in rows) == expected(entries)
    assert [row.entry.timestamp for row in rows] == sorted((row.entry.timestamp for row in rows), reverse=True)


def test_everything_is_read_across_nodes(build: Build) -> None:
    with FakeSlack() as slack:
        services = build(SLACK_WEBHOOK_URL=slack.url)
        steady = [Entry(series, (50 + at % 3) * 10**6, START + at) for at in range(15) for series in SERIES]
        ingest.ingest(services, steady + [Entry(series, 900 * 10**6, START + 99) for series in SERIES])
        judge_all(services)
        assert delivery.send_due(services) is None
        assert len(slack.messages) == 1
    check_readings(services)


def check_readings(services: Services) -> None:
    day = datetime.fromtimestamp(START / 1000, tz=UTC).date()
    (total,) = daily_sums.sum_days(services, "none", {}, day, day)
    assert (total.entries, total.amount) == (16 * 40, 40 * (15 * 51 + 900) * 10**6)
    assert len(daily_sums.sum_days(services, "account", {"currency": "USD"}, day, day)) == 5
    assert {row.series for row in lookup.list_series(services, Query(limit=1000)).rows} == set(SERIES)
    assert {row.subject for row in lookup.list_anomalies(services, Query(limit=1000)).rows} == set(SERIES)
    assert {
        alert.spend and alert.spend.series.service
        for alert in lookup.list_alerts(services, Query(status="sent", limit=1000)).rows
    } == {series.service for series in SERIES}
    filtered = lookup.list_costs(services, Query(series={"account": "3"}, status="anomaly", limit=1000)).rows
    assert {row.entry.series for row in filtered} == {series for series in SERIES if series.account == "3"}


def test_the_processes_run_on_a_cluster(cluster: Nodes, redis_url: str, build: Build) -> None:
    with stack(redis_url, KUMO_STORE_URL=cluster.url) as line:
        rows = [
            {"service": f"service {at % 20}", "amount": 50 + at % 3, "external_id": str(at)} for at in range(20 * 15)
        ]
        assert line.post(rows, "/ingest/batch").json()["accepted"] == 300
        spike = line.post({"service": "service 7", "amount": 500}, Prefer="wait=10").json()
        assert spike["is_anomaly"] is True
        assert line.slack.wait_for(1)
        eventually(lambda: line.get("/alerts/").json()[0]["state"] == "sent")
        assert line.post(rows, "/ingest/batch", **{"Idempotency-Key": "k"}).json()["duplicates"] == 300
        assert line.get("/readyz").status_code == 200
    verified = kumo("verify", REDIS_URL=redis_url, KUMO_STORE_URL=cluster.url)
    assert (verified.returncode, verified.stdout) == (0, "301 entries in 20 series: all sums equal.\n")
    told = {"SLACK_WEBHOOK_URL": line.slack.url}
    checked = kumo("check", REDIS_URL=redis_url, KUMO_STORE_URL=cluster.url, **told)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert health.examine(build()).wrong == []


def test_a_request_for_a_slot_on_the_move_gets_503_and_is_taken_after(cluster: Nodes, build: Build) -> None:
    services = build()
    web = create_app(services).test_client()
    cost, key = {"service": SERIES[0].service, "amount": 1}, {"Idempotency-Key": "k"}
    assert web.post("/ingest/", json=cost).status_code == 202
    seq = services.store.partition(Series(SERIES[0].service, "USD").id).seq
    slot, source = cluster.slot(seq), cluster.holder(seq)
    cluster.begin_move(slot, source, cluster.empty)
    try:
        refused = web.post("/ingest/", json=cost, headers=key)
        assert (refused.status_code, refused.mimetype) == (503, "application/problem+json")
        assert int(refused.headers["Retry-After"]) >= 1
        # A list is read by a script for each partition, which a moving slot refuses as well.
        assert web.get("/costs/").status_code == 503
    finally:
        cluster.abandon_move(slot, source, cluster.empty)
    assert [web.post("/ingest/", json=cost, headers=key).status_code for _ in range(2)] == [202, 202]
    assert len(web.get("/costs/").get_json()) == 2
    assert list(verification.differences(services)) == []


def test_check_names_the_node_that_is_unsafe(cluster: Nodes, build: Build) -> None:
    node = cluster.all[1]
    node.client.config_set("appendonly", "no")
    try:
        (reason,) = health.examine(build()).wrong
    finally:
        node.client.config_set("appendonly", "yes")
    assert f"127.0.0.1:{node.port}" in reason
    assert "append-only" in reason


def test_a_node_of_a_cluster_by_itself_is_told_to_be_one(cluster: Nodes, build: Build) -> None:
    alone = build(KUMO_STORE_URL=cluster.all[0].url)
    assert "several of its nodes in KUMO_STORE_URL" in health.examine(alone).wrong[0]
