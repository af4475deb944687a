"""A list of a rare status reads little more than its rows, however many others there are."""

from collections.abc import Callable

import pytest

from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import Anomaly, AnomalyStatus
from kumo.domain.entries import Entry, Series, entry_id
from kumo.domain.judging import Cause
from kumo.engine import ingest
from kumo.engine.imports import lifecycle
from kumo.engine.queries import listing, lookup
from kumo.engine.queries.views import Page, Query
from kumo.services import Services
from kumo.store import feed
from kumo.store.feed import Slice
from tests.alerts import make_spend
from tests.conftest import Build
from tests.engine.detection.arrivals import START, judge_all
from tests.engine.imports import bills
from tests.store import indexes

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="1")

MANY = 800
# For one partition: what a page may request from the server, in scripts and outside of them.
MOST_COMMANDS = 60


def asked(services: Services, act: Callable[[], object]) -> int:
    """Return how many commands the server ran, those of scripts too."""
    client = services.store.client
    client.config_resetstat()
    act()
    return sum(row["calls"] for row in client.info("commandstats").values())


@pytest.fixture
def crowd(services: Services) -> Services:
    """Hundreds of series that learn, and one cost of each other status among them."""
    entries = [Entry(Series("EC2", "USD", account=str(number)), 10**6, START + number) for number in range(MANY)]
    busy = Series("S3", "USD")
    entries += [Entry(busy, amount * 10**6, START + 100 + amount) for amount in [*range(50, 60), 55]]
    entries.append(Entry(busy, 900 * 10**6, START + 1300))
    entries.append(Entry(Series("S3", "USD", charge_category="tax"), 10**6, START + 1400))
    for start in range(0, len(entries), 1000):
        ingest.ingest(services, entries[start : start + 1000])
    judge_all(services)
    for amount in (1, 2, 3):  # the same one, which waits three times
        ingest.ingest(services, [Entry(busy, amount * 10**6, START + 1500, external_id="bill")])
    indexes.check(services.store)
    return services


@pytest.mark.parametrize("status", ["pending", "normal", "anomaly", "excluded"])
def test_costs_of_a_rare_status(crowd: Services, status: str) -> None:
    def asked_for(filters: dict[str, str], *, newest_first: bool) -> Page[lookup.Cost]:
        found: list[Page[lookup.Cost]] = []
        wanted = Query(filters, status=status, newest_first=newest_first)
        assert asked(crowd, lambda: found.append(lookup.list_costs(crowd, wanted))) < MOST_COMMANDS
        return found[0]

    for newest_first in (True, False):
        for filters in ({}, {"service": "s3"}):
            page = asked_for(filters, newest_first=newest_first)
            assert ([row.status for row in page.rows], page.next) == ([status], None)
        assert asked_for({"service": "EC2"}, newest_first=newest_first) == Page([])


def test_the_few_that_are_learning_beside_a_long_history_that_came_later(services: Services) -> None:
    one = Series("S3", "USD")
    learning = [Entry(one, (50 + n % 2) * 10**6, START + n) for n in range(10)]
    history = [Entry(one, (50 + n % 2) * 10**6, START - n) for n in range(1, MANY)]
    for entries in (learning, history):
        ingest.ingest(services, entries)
        judge_all(services)
    assert asked(services, lambda: lookup.list_costs(services, Query(status="learning"))) < MOST_COMMANDS
    page = lookup.list_costs(services, Query(status="learning"))
    assert ([row.entry.timestamp for row in page.rows], page.next) == ([START + 9 - n for n in range(10)], None)


def test_a_series_whose_last_entry_goes_is_kept_under_no_status(build: Build) -> None:
    services = build(KUMO_MIN_HISTORY="2")
    bills.load(services, bills.simple((day, "EC2", 10) for day in range(4)))
    assert [row.status for row in bills.costs(services)] == ["normal", "normal", "learning", "learning"]
    found = bills.load(services, bills.simple((day, "EC2", 10 if day < 2 else 10**day) for day in range(4)))
    assert [row.status for row in bills.costs(services)] == ["anomaly", "anomaly", "learning", "learning"]
    lifecycle.forget(services, found.id)
    bills.sound(services)
    assert bills.costs(services) == []


@pytest.mark.parametrize("newest_first", [True, False])
def test_many_that_wait_are_found_among_all(
    services: Services, monkeypatch: pytest.MonkeyPatch, *, newest_first: bool
) -> None:
    for judged in (True, False):
        ingest.ingest(services, [Entry(Series("S3", "USD"), 10**6, START + 2 * n + judged) for n in range(50)])
        if judged:
            judge_all(services)
    pages = []
    for few in (100, 10):
        monkeypatch.setattr(listing, "FEW_WAITING", few)
        pages.append(lookup.list_costs(services, Query(status="pending", newest_first=newest_first, limit=50)))
    assert pages[0] == pages[1]
    assert len(pages[0].rows) == 50


@pytest.fixture
def episodes(services: Services) -> Services:
    """Hundreds of anomalies that are over, with an alert each, and one that is open."""
    one, partition = Series("S3", "USD"), services.store.partitions[0]
    ingest.ingest(services, [Entry(one, 10**6, START)])
    opened = [
        Anomaly(
            id=name,
            series_id=one.id,
            status=AnomalyStatus.CLOSED if number else AnomalyStatus.OPEN,
            opened_by=name,
            opened_at=at,
            first_seen=at,
            last_seen=at,
            entries=1,
            peak_z=5.0,
            total_impact=10,
            alerted_impact=10,
            cause=Cause.THRESHOLD,
        )
        for number, name, at in ((number, entry_id(one.id, number), START + number) for number in range(MANY))
    ]
    alerts = [make_spend(f"{row.id}-1", kind=AlertKind.OPENED, anomaly=row.id) for row in opened[:1]]
    alerts += [make_spend(f"{row.id}-2", kind=AlertKind.WITHDRAWN, anomaly=row.id) for row in opened[:1]]
    alerts += [make_spend(f"{row.id}-1", kind=AlertKind.OPENED, anomaly=row.id) for row in opened[1:]]
    fence, _ = feed.pending(services.store, partition, 1)
    feed.commit(services.store, partition, fence, 1, Slice(anomalies={row.id: row for row in opened}, alerts=alerts))
    return services


@pytest.mark.parametrize("newest_first", [True, False])
def test_anomalies_of_a_rare_status(episodes: Services, *, newest_first: bool) -> None:
    wanted = Query(status="open", newest_first=newest_first)
    assert asked(episodes, lambda: lookup.list_anomalies(episodes, wanted)) < MOST_COMMANDS
    assert [row.anomaly.opened_at for row in lookup.list_anomalies(episodes, wanted).rows] == [START]
    assert lookup.list_anomalies(episodes, Query(status="withdrawn")) == Page([])
    assert asked(episodes, lambda: lookup.list_anomalies(episodes, Query(status="withdrawn"))) < MOST_COMMANDS


@pytest.mark.parametrize("newest_first", [True, False])
def test_alerts_of_a_rare_state(episodes: Services, *, newest_first: bool) -> None:
    wanted = Query(status="cancelled", newest_first=newest_first)
    assert asked(episodes, lambda: lookup.list_alerts(episodes, wanted)) < MOST_COMMANDS
    assert [row.id[-2:] for row in lookup.list_alerts(episodes, wanted).rows] == ["-1"]
