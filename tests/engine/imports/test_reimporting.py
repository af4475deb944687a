"""A bill that is delivered again: only what changed changes, anomalies follow, and an import can be taken out."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kumo.domain.alerts import AlertKind, AlertStatus, ImportSummary
from kumo.domain.anomalies import AnomalyStatus
from kumo.domain.imports import ImportStatus
from kumo.engine.imports import lifecycle
from kumo.engine.ops import verification
from kumo.engine.queries import lookup
from kumo.errors import ConflictError
from kumo.services import Services
from tests.alerts import DESTINATION
from tests.billing.samples import FIXTURES, written
from tests.conftest import Build
from tests.engine.detection.arrivals import everything, judge_all
from tests.engine.imports import bills
from tests.engine.imports.bills import USD, Cost, arrivals, begin, counts, load, of, row, simple, sound, sums
from tests.engine.imports.watch.deliveries import JUNE, NEWER, put

MONTH: list[Cost] = [(day, service, 10) for day in range(30) for service in ("EC2", "S3")]
TODAY = datetime.now(UTC).date().toordinal() - bills.FIRST


def jump(size: object, day: int = 20, days: int = 30) -> bytes:
    """A month of which one day of one service costs something else."""
    return bills.simple([(each, "EC2", size if each == day else 10) for each in range(days)])


def statuses(services: Services) -> list[AnomalyStatus]:
    return [row.anomaly.status for row in lookup.list_anomalies(services, everything()).rows]


def kinds(services: Services) -> list[tuple[AlertKind, AlertStatus]]:
    rows = sorted(lookup.list_alerts(services, everything()).rows, key=lambda alert: alert.id)
    return [(alert.kind, alert.delivery.status) for alert in rows]


def send_alerts(services: Services) -> None:
    """Send every due alert, as a notifier would."""
    for partition in services.store.partitions:
        for alert in services.store.client.zrange(partition.due + DESTINATION, 0, -1):
            services.store.client.hset(partition.alert + alert.decode(), mapping={"status": "sent", "attempts": 1})
        services.store.client.delete(partition.due + DESTINATION)


def test_a_restated_month_changes_only_what_changed(services: Services) -> None:
    load(services, bills.simple(MONTH))
    arrived = bills.arrivals(services)
    restated = [cost for cost in MONTH if cost != (7, "S3", 10)] + [(3, "EC2", "2.5"), (4, "RDS", 5)]
    found = load(services, bills.simple(restated))
    assert counts(found) == (1, 1, 1, 58)
    assert (found.added.money, found.removed.money) == ({"USD": "5"}, {"USD": "10"})
    assert (found.changed.money, found.unchanged.money) == ({"USD": "2.5"}, {"USD": "580"})
    assert bills.sums(services) == bills.of(restated)
    assert bills.arrivals(services) == arrived + 3
    sound(services)


def test_a_month_that_is_closed_is_not_doubled(services: Services) -> None:
    load(services, bills.simple(MONTH))
    arrived = bills.arrivals(services)
    closed = bills.focus(*(row(*cost, InvoiceId="2025-06/1") for cost in MONTH))
    found = load(services, closed)
    assert (counts(found), found.same_as) == ((0, 0, 0, 60), "")
    assert bills.arrivals(services) == arrived


def test_a_real_month_restated_every_way_at_once(services: Services, tmp_path: Path) -> None:
    text = (FIXTURES / "aws_cur" / "cur_athena_real_anonymous.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(text)))
    load(services, text.encode(), "month.csv")
    changed = [each | {"bill/InvoiceId": "1"} for each in rows if each["lineItem/ProductCode"] != "AWSGlue"]
    for each in changed[::50]:
        each["lineItem/UnblendedCost"] = "0.5"
    changed += [changed[0], changed[0], changed[0] | {"lineItem/ProductCode": "new"}]
    changed.append(changed[1] | {"lineItem/LineItemType": "Credit", "lineItem/UnblendedCost": "-0.25"})
    path = tmp_path / "month.csv"
    path.write_bytes(written(*changed))
    found = load(services, path)
    assert found.rows == len(changed)
    assert all(counts(found))
    assert bills.summed(services) == bills.expected(path)
    sound(services)


def test_a_file_of_two_days_replaces_two_days(services: Services) -> None:
    load(services, bills.simple(MONTH))
    found = load(services, bills.simple([(28, "EC2", 11), (29, "EC2", 10)]))
    assert counts(found) == (0, 2, 1, 1)
    sums = bills.sums(services)
    assert (sums["2025-06-29", "EC2"], ("2025-06-29", "S3") in sums, len(sums)) == (11 * 10**6, False, 58)
    sound(services)


def test_another_scope_is_let_alone(services: Services) -> None:
    load(services, bills.simple(MONTH))
    other = bills.focus(*(row(*cost, BillingAccountId="0002") for cost in MONTH[:4]))
    assert counts(load(services, other)) == (4, 0, 0, 0)
    assert bills.sums(services) == bills.of([*MONTH, *MONTH[:4]])


def test_an_anomaly_that_a_restatement_undoes_is_withdrawn_with_one_alert(services: Services) -> None:
    load(services, jump(500))
    assert (statuses(services), kinds(services)) == ([AnomalyStatus.CLOSED], [(AlertKind.OPENED, AlertStatus.PENDING)])
    send_alerts(services)
    for size in (10, "10.1", 10):
        load(services, jump(size))
    assert statuses(services) == [AnomalyStatus.WITHDRAWN]
    assert kinds(services) == [(AlertKind.OPENED, AlertStatus.SENT), (AlertKind.WITHDRAWN, AlertStatus.PENDING)]


def test_an_anomaly_whose_cost_is_taken_out_is_withdrawn_as_nothing_left(services: Services) -> None:
    load(services, jump(500))
    send_alerts(services)
    load(services, bills.simple([(day, "EC2", 10) for day in range(30) if day != 20]))
    assert statuses(services) == [AnomalyStatus.WITHDRAWN]
    (withdrawn,) = [
        alert for alert in lookup.list_alerts(services, everything()).rows if alert.kind is AlertKind.WITHDRAWN
    ]
    assert withdrawn.spend is not None
    assert (withdrawn.spend.amount, withdrawn.spend.series.service) == (0, "EC2")
    sound(services)


@pytest.mark.settings(KUMO_DETECTOR="zscore")  # whose figures can be worked out by hand
def test_an_anomaly_that_stays_one_raises_no_other_alert(services: Services) -> None:
    load(services, jump(500))
    send_alerts(services)
    found = load(services, jump(510))
    assert (counts(found), found.anomalies) == ((0, 0, 1, 29), 1)
    assert (statuses(services), kinds(services)) == ([AnomalyStatus.CLOSED], [(AlertKind.OPENED, AlertStatus.SENT)])


def test_a_year_of_history_sends_one_summary_and_nothing_else(build: Build) -> None:
    services = build(KUMO_ALERT_MAX_AGE="3")
    costs: list[Cost] = [(day, "EC2", 900 if day in {100, 200} else 10) for day in range(365)]
    found = load(services, bills.simple(costs), "year.csv")
    (alert,) = lookup.list_alerts(services, everything()).rows
    assert (alert.kind, alert.id, found.anomalies) == (AlertKind.IMPORTED, f"import-{found.id}-1", 2)
    summary = alert.content
    assert isinstance(summary, ImportSummary)
    assert (summary.name, summary.first_day, summary.last_day, summary.entries) == (
        "year.csv",
        "2025-06-01",
        "2026-05-31",
        365,
    )
    assert (summary.money, summary.anomalies, summary.services) == ((("USD", 5_430 * 10**6),), 2, 1)
    assert [(each.service, each.currency) for each in summary.largest] == [("EC2", "USD")] * 2
    assert {row.anomaly.alerts for row in lookup.list_anomalies(services, everything()).rows} == {0}
    load(services, bills.simple(costs), "year.csv")
    assert len(lookup.list_alerts(services, everything()).rows) == 1


def test_yesterday_is_alerted_about_and_the_month_before_it_is_not(build: Build) -> None:
    services = build(KUMO_ALERT_MAX_AGE="3")
    days = range(TODAY - 40, TODAY)
    costs: list[Cost] = [(day, "EC2", 900 if day in {TODAY - 15, TODAY - 1} else 10) for day in days]
    load(services, bills.simple(costs[:-1]))
    assert kinds(services) == [(AlertKind.IMPORTED, AlertStatus.PENDING)]
    load(services, bills.simple(costs))
    alerts = sorted(alert.kind for alert in lookup.list_alerts(services, everything()).rows if alert.spend)
    assert alerts == [AlertKind.OPENED]
    assert bills.summaries(services) == ["import-1-1"]


def test_what_is_forgotten_is_gone_and_can_come_again(services: Services) -> None:
    load(services, jump(500))
    judge_all(services)
    forgotten = lifecycle.forget(services, "1")
    assert forgotten.status is ImportStatus.FORGOTTEN
    assert (bills.costs(services), lookup.list_series(services, everything()).rows) == ([], [])
    assert statuses(services) == [AnomalyStatus.WITHDRAWN]
    sound(services)
    assert lookup.list_anomalies(services, everything()).rows[0].subject.service == "EC2"
    assert lifecycle.forget(services, "1").status is ImportStatus.FORGOTTEN
    again = load(services, jump(500))
    assert (again.same_as, again.added.entries) == ("", 30)
    sound(services)


def test_forgetting_takes_out_what_that_import_wrote_last_and_no_more(services: Services) -> None:
    load(services, bills.simple(MONTH))
    load(services, bills.simple([(28, "EC2", 11), (29, "EC2", 10), (29, "S3", 10)]))
    lifecycle.forget(services, "1")
    assert bills.sums(services) == bills.of([(28, "EC2", 11), (29, "EC2", 10), (29, "S3", 10)])
    sound(services)
    lifecycle.forget(services, "2")
    assert bills.costs(services) == []


def test_verify_finds_a_scope_that_differs_from_its_entries(services: Services) -> None:
    load(services, bills.simple(MONTH[:1]))
    (series,) = lookup.list_series(services, everything()).rows
    partition = services.store.partition(series.id)
    (key,) = services.store.client.scan_iter(partition.scope + "*")
    ((field, text),) = services.store.client.hgetall(key).items()
    services.store.client.hset(key, field, b"9 1 1")
    assert len(list(verification.differences(services))) == 2
    services.store.client.hdel(key, field)
    (said,) = verification.differences(services)
    assert "is entry 1, its scope has None" in said
    services.store.client.hset(key, field, text)
    assert list(verification.differences(services)) == []


def test_what_repeats_another_or_has_not_begun_cannot_be_forgotten(services: Services) -> None:
    load(services, jump(500))
    waiting = begin(services, "bill.csv")
    with pytest.raises(ConflictError, match="waiting"):
        lifecycle.forget(services, waiting.id)
    lifecycle.run(services, io.BytesIO(jump(500)), "", bills.USD, begun=waiting.number)
    with pytest.raises(ConflictError, match="import 1"):
        lifecycle.forget(services, waiting.id)


def test_an_old_bill_that_comes_again_undoes_nothing_unless_it_is_asked_for(services: Services, tmp_path: Path) -> None:
    old, new = put(tmp_path, "old.csv", simple(JUNE)), put(tmp_path, "new.csv", simple(NEWER))
    first, second = (lifecycle.run(services, path, choices=USD) for path in (old, new))
    before = arrivals(services)
    again = lifecycle.run(services, old, choices=USD)
    assert (again.same_as, arrivals(services), sums(services)) == (first.id, before, of(NEWER))
    asked = lifecycle.run(services, old, choices=replace(USD, again=True))
    assert (asked.same_as, sums(services)) == ("", of(JUNE))
    assert lifecycle.run(services, new, choices=USD).same_as == second.id
    sound(services)


def test_what_a_forgotten_bill_had_replaced_can_be_imported_again(services: Services, tmp_path: Path) -> None:
    old, new = put(tmp_path, "old.csv", simple(JUNE)), put(tmp_path, "new.csv", simple(NEWER))
    lifecycle.run(services, old, choices=USD)
    lifecycle.forget(services, lifecycle.run(services, new, choices=USD).id)
    assert sums(services) == {}
    assert lifecycle.run(services, old, choices=USD).same_as == ""
    assert sums(services) == of(JUNE)
    sound(services)
