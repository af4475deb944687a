"""A store in which a newer version worked, and this one after it: whatever that added does no harm, and is not lost."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kumo.domain.access import KeyScope
from kumo.domain.alerts import AlertStatus
from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.feedback import Word
from kumo.domain.imports import ImportStatus
from kumo.domain.policies import Policy
from kumo.engine import delivery, ingest
from kumo.engine.detection import feedback, policies
from kumo.engine.imports import importer, lifecycle, uploads
from kumo.engine.ops import access, verification
from kumo.engine.queries import explanation, lookup, metrics
from kumo.errors import ConflictError, StoredRowError
from kumo.services import Services
from kumo.store import imports, keys
from tests.conftest import Build
from tests.engine.detection.arrivals import everything, judge_all
from tests.engine.imports.bills import focus, load, row, simple
from tests.engine.imports.uploading import never, send
from tests.engine.ops.newer import ENUMS, GROWING, change, marked, renamed
from tests.fakes.slack import FakeSlack

EC2 = Series("EC2", "USD", "aws", "prod")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as fake:
        yield fake


@pytest.fixture
def services(build: Build, slack: FakeSlack) -> Services:
    """Return services on a store that holds every kind of row."""
    services = build(SLACK_WEBHOOK_URL=slack.url, KUMO_DETECTOR="adaptive")
    access.issue(services, "billing", ["read", "ingest"])
    policies.put(services, Policy("prod", match={"account": "prod"}, tags={"team": "m*"}, detector="zscore"))
    load(services, simple([(day, "RDS", 10 + day % 3) for day in range(20)] + [(20, "RDS", 900)]))
    for name, series in (("days", EC2), ("others", replace(EC2, account="test"))):
        entries = [entry(series, n, 100 + n % 5, f"{name} {n}") for n in range(60)]
        ingest.ingest(services, [*entries, entry(series, 60, 5000, f"{name} jump")])
    ingest.ingest(services, [entry(Series("Lambda", "USD"), 0, 1, "first day")])
    judge_all(services)
    feedback.give(services, jump(services), Word.TRUE_POSITIVE, "", "finops")
    judge_all(services)
    send(services, focus(*(row(day, "S3", 7, BillingAccountId="77") for day in range(9))))
    return services


def entry(series: Series, day: int, amount: int, name: str) -> Entry:
    today = 20_000
    return Entry(series, amount * 10**6, (today + day) * DAY_MS, external_id=name, tags={"team": "ml"})


def jump(services: Services) -> str:
    found = lookup.list_anomalies(services, everything()).rows
    return next(row.anomaly.id for row in found if row.subject == EC2)


KEPT = (keys.IMPORTS, "kumo:{*}:anomaly:*", "kumo:{*}:details:*", "kumo:{*}:scope:*")


def use(services: Services) -> None:
    """Read and do whatever reads rows."""
    wanted = everything()
    assert len(lookup.list_costs(services, wanted).rows) == 144
    assert {row.series.service for row in lookup.list_series(services, wanted).rows} == {"EC2", "RDS", "Lambda"}
    assert lookup.list_anomalies(services, wanted).rows
    assert len(lookup.list_alerts(services, wanted).rows) >= 2
    assert [row.row.number for row in uploads.list_uploads(services, wanted).rows] == [2, 1]
    assert [key.name for key in access.list_keys(services)] == ["billing"]
    assert [kept.policy.name for kept in policies.list_all(services)] == ["prod"]
    metrics.count_feedback(services)
    assert list(verification.differences(services)) == []
    feedback.give(services, jump(services), Word.PLANNED, "", "finops")
    ingest.ingest(services, [entry(EC2, 61, 9000, "more"), entry(EC2, 59, 77, "days 59"), entry(EC2, 3, 100, "new")])
    judge_all(services)
    assert {row.status for row in lookup.list_costs(services, wanted).rows} <= {"learning", "normal", "anomaly"}
    importer.work(services, never)
    assert lifecycle.find(services, "2").status is ImportStatus.DONE


def test_rows_with_more_in_them_do_no_harm_and_keep_it(services: Services, slack: FakeSlack) -> None:
    for pattern, fields, alter in GROWING:
        assert change(services, pattern, alter, fields), pattern
    kept = {pattern: marked(services, pattern) for pattern in KEPT}
    use(services)
    assert {pattern: marked(services, pattern) for pattern in KEPT} == kept
    explanation.explain(services, jump(services))
    delivery.run(services)
    assert {alert.delivery.status for alert in lookup.list_alerts(services, everything()).rows} == {AlertStatus.SENT}
    assert len(slack.messages) == 1
    lifecycle.forget(services, "1")
    assert {row.series.service for row in lookup.list_series(services, everything()).rows} == {"EC2", "S3", "Lambda"}
    assert list(verification.differences(services)) == []


def test_members_that_a_newer_version_added_are_none_of_ours_and_stay(services: Services, slack: FakeSlack) -> None:
    for pattern, fields, name in ENUMS:
        assert change(services, pattern, lambda text, name=name: renamed(text, name), fields), pattern  # type: ignore[misc]
    opened = marked(services, "kumo:{*}:anomaly:*")
    change(services, keys.API_KEYS, lambda text: text.replace(b'"read"', b'"triage", "read"'))
    change(services, "kumo:{*}:verdicts:*", lambda packed: packed[:1] + b"?" + packed[2:])
    use(services)
    [key] = access.list_keys(services)
    assert key.allows(KeyScope.READ)
    assert not key.allows(KeyScope.ADMIN)
    with pytest.raises(ConflictError, match="later"):
        explanation.explain(services, jump(services))
    delivery.run(services)
    waiting = [alert for alert in lookup.list_alerts(services, everything()).rows if alert.kind == "later"]
    assert {(alert.delivery.status, alert.delivery.last_answer) for alert in waiting} == {
        (AlertStatus.RETRY, delivery.UNKNOWN_KIND)
    }
    assert all("later" not in message.text for message in slack.messages)
    # The anomaly whose days are judged again gets a cause that this version knows.
    assert opened - 1 <= marked(services, "kumo:{*}:anomaly:*") <= opened


def test_an_arrival_with_a_mark_that_is_not_known_changes_nothing(services: Services) -> None:
    partition = services.store.partition(EC2.id)
    ingest.ingest(services, [entry(EC2, 62, 9999, "marked")])
    [(name, fields)] = services.store.client.xrange(partition.pending)
    services.store.client.delete(partition.pending)
    services.store.client.xadd(partition.pending, fields | {b"r": fields[b"r"] + b" ?"}, id=name)
    before = lookup.list_anomalies(services, everything())
    judge_all(services)
    assert lookup.list_anomalies(services, everything()) == before
    assert status(services, "marked") == "pending"
    ingest.ingest(services, [entry(EC2, 63, 101, "next")])
    judge_all(services)
    assert status(services, "next") != "pending"


def status(services: Services, name: str) -> str:
    return next(row.status for row in lookup.list_costs(services, everything()).rows if row.entry.external_id == name)


@pytest.mark.parametrize("status", [b"?", b"s"])
def test_a_verdict_of_a_status_that_is_not_known_counts_as_not_there(services: Services, status: bytes) -> None:
    change(services, "kumo:{*}:verdicts:*", lambda packed: status + packed[1:])
    assert {row.status for row in lookup.list_costs(services, everything()).rows} == {"pending"}


def test_an_alert_that_cannot_be_read_keeps_no_other_waiting(
    services: Services, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    broken = lookup.list_alerts(services, everything()).rows[0].id
    key = f"kumo:{{*}}:alert:{broken}"
    assert change(services, key, lambda _: b"{}", "body") == 1
    delivery.send_due(services)
    assert len(slack.messages) == 1
    assert broken in caplog.text
    with pytest.raises(StoredRowError, match=f"{broken}: has no "):
        lookup.list_alerts(services, everything())


def test_an_anomaly_of_before_its_opening_was_kept_opened_when_it_was_first_seen(services: Services) -> None:
    change(services, "kumo:{*}:anomaly:*", lambda text: text.replace(b"opened_at", b"later"))
    assert all(
        row.anomaly.opened_at == row.anomaly.first_seen for row in lookup.list_anomalies(services, everything()).rows
    )


def test_a_row_that_nobody_wrote_is_named(services: Services) -> None:
    services.store.client.hset(keys.IMPORTS, "1", json.dumps({"number": "1", "name": "bill"}))
    with pytest.raises(StoredRowError, match="kumo:imports 1: number must be a whole number, not '1'"):
        imports.find(services.store, 1)
