"""Building totals and verdicts anew: afterwards everything is as if nothing had been damaged."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import groups_of_series
from kumo.domain.judging import Status
from kumo.engine import ingest
from kumo.engine.ops import rebuilding, verification
from kumo.engine.ops.rebuilding import Rebuilt
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import feed, progress, retention, watermarks
from kumo.store.protocol import Client
from tests.conftest import Build
from tests.engine.detection.arrivals import everything, judge_all
from tests.engine.totals.rest import bring_to_rest

UNIT = 10**6
TODAY = 20_500
DAYS = 30
SERIES = [
    Series("EC2", "USD", "aws", "prod", "eu"),
    Series("S3", "USD", "aws", "test", "eu"),
    Series("Tax", "USD", "aws", "test", "eu", charge_category="tax"),
]
FAMILIES = ("daily", "shares", "things", "periods")

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4")


@pytest.fixture(autouse=True)
def services(services: Services) -> Services:
    return at_noon(services)


def at_noon(services: Services) -> Services:
    return replace(services, clock=lambda: TODAY * DAY_MS + DAY_MS // 2)


def fill(services: Services) -> None:
    for day in range(TODAY - DAYS, TODAY):
        amounts = [(100 + day % 5) * UNIT * (9 if day == TODAY - 3 else 1), 50 * UNIT, 7 * UNIT]
        ingest.ingest(
            services,
            [
                Entry(one, micros, day * DAY_MS, quantity=day, unit=f"{day % 2} hours")
                for one, micros in zip(SERIES, amounts, strict=True)
            ],
        )
    bring_to_rest(services)


def rebuild(services: Services) -> Rebuilt:
    return rebuilding.rebuild(services, lambda *_: None)


def read_families(services: Services) -> dict[bytes, Any]:
    found = {}
    for family in FAMILIES:
        for key in services.store.client.scan_iter(match=f"kumo:{{*}}:{family}*"):
            found[key] = services.store.client.hgetall(key)
    return found


def damage(services: Services) -> Iterator[bytes]:
    """Change one field of each hash, and remove another, except for groups of tags; yield what was changed."""
    client = services.store.client
    known = {group.id for one in SERIES for group in groups_of_series(one)} | {one.id for one in SERIES}
    for key in sorted(read_families(services)):
        if key.endswith(b":things") or known & set(key.decode().split(":")):
            yield from _damage(client, key)


def _damage(client: Client, key: bytes) -> Iterator[bytes]:
    fields = sorted(client.hkeys(key))
    client.hdel(key, fields[0])
    if b":daily:" in key or b":shares:" in key:
        client.hset(key, fields[-1], "5 6 7")
    yield key


def test_a_rebuild_of_what_is_right_changes_nothing(services: Services) -> None:
    fill(services)
    before = read_families(services)
    built = rebuild(services)
    assert (built.entries, built.series, built.wrong_totals, built.wrong_shares) == (3 * DAYS, 3, 0, 0)
    assert read_families(services) == before


def test_a_rebuild_corrects_totals_shares_rows_and_verdicts_and_says_what_was_wrong(services: Services) -> None:
    fill(services)
    before, alerts = read_families(services), lookup.list_alerts(services, everything()).rows
    assert len(list(damage(services))) > 20
    built = rebuild(services)
    assert built.wrong_totals > 0 < built.wrong_shares
    assert any("held 5 6 7, its entries give 1 0 " in sentence for sentence in built.differences)
    assert read_families(services) == before
    assert list(verification.differences(services)) == []
    assert rebuild(services).differences == []
    assert lookup.list_alerts(services, everything()).rows == alerts


def test_progress_of_providers_that_is_lost_is_found_again(services: Services) -> None:
    fill(services)
    before = progress.read(services.store)
    for partition in services.store.partitions:
        services.store.client.delete(partition.progress)
    rebuild(services)
    assert progress.read(services.store) == before


def test_two_rebuilds_at_once_while_costs_arrive_do_no_harm(services: Services) -> None:
    fill(services)
    list(damage(services))

    def arrive() -> None:
        for number in range(40):
            ingest.ingest(services, [Entry(SERIES[number % 3], UNIT, (TODAY - number % 20) * DAY_MS)])

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(rebuild, services), pool.submit(rebuild, services), pool.submit(arrive)]:
            done.result()
    bring_to_rest(services)
    assert list(verification.differences(services)) == []
    assert not feed.find_unfolded(services.store)
    found = read_families(services)
    rebuild(services)
    assert read_families(services) == found


def test_days_that_the_retention_has_reached_keep_their_totals(services: Services) -> None:
    fill(services)
    before = read_families(services)
    retention.remove_old(services.store, (TODAY - 10) * DAY_MS)
    assert watermarks.highest(services.store) == (TODAY - 10) * DAY_MS
    assert rebuild(services).differences == []
    assert {key: value for key, value in read_families(services).items() if key in before} == before


def test_another_detector_leaves_nothing_learning_that_has_a_history_and_sends_nothing_old(
    services: Services, build: Build
) -> None:
    fill(at_noon(build(KUMO_DETECTOR="zscore", KUMO_PARTITIONS="4")))
    alerts = lookup.list_alerts(services, everything()).rows
    bring_to_rest(services)
    assert lookup.list_alerts(services, everything()).rows == alerts
    [recorded] = ingest.ingest(services, [Entry(SERIES[0], 100 * 100 * UNIT, TODAY * DAY_MS)])
    judge_all(services)
    assert lookup.find_cost(services, recorded.id).status is Status.ANOMALY
