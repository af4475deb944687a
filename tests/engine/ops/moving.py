"""Stores with a history, and views of one: all of its keys, and every answer of the API."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask.testing import FlaskClient

from kumo.domain.alerts import AlertStatus, NextStatus
from kumo.domain.entries import DAY_MS
from kumo.domain.feedback import Word
from kumo.domain.groups import TAG, groups_of_series
from kumo.domain.policies import Policy
from kumo.engine.detection import feedback, policies
from kumo.engine.imports import lifecycle
from kumo.engine.imports.bill_reader import silent
from kumo.engine.ops import access, exporter, restorer, verification
from kumo.engine.ops.archive import Contents
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.store import destinations, export_table, outbox, retention, scopes
from kumo.store import series as store_series
from kumo.store.destinations import MessageResult
from kumo.store.export_table import Way
from kumo.store.outbox import Attempt, Claim, Lease
from tests.alerts import DESTINATION, make_test
from tests.engine.detection.arrivals import START, Arrival, everything, judge_all, send
from tests.engine.imports import bills, uploading
from tests.engine.imports.bills import Cost
from tests.store import indexes

LISTS: Final = (
    *("/costs/", "/costs/?order=asc", "/costs/?status=anomaly", "/costs/?service=AWS+EC2", "/series/"),
    *("/costs/?status=normal", "/costs/?status=learning", "/costs/?status=excluded"),
    *("/series/?currency=EUR", "/anomalies/", "/anomalies/?status=closed", "/alerts/", "/alerts/?state=pending"),
    *("/imports/", "/policies/", "/costs/summary?by=service&from=2025-01-01&to=2025-12-31"),
)
JUMPS: Final = (50_000_000, 50_500_000, 500_000_000, 51_000_000, 1_200_000_000, 50_000_000)
READERS: Final = {b"hash": "hgetall", b"string": "get", b"set": "smembers", b"stream": "xlen"}


@dataclass(frozen=True)
class Step:
    """One change of a store; missing fields do nothing. `swept` is the number of days before `START` to sweep."""

    sent: tuple[Arrival, ...] = ()
    bill: tuple[Cost, ...] = ()
    forgotten: int | None = None
    said: tuple[int, Word] | None = None
    swept: int | None = None
    delivered: bool = False


def happen(services: Services, step: Step) -> None:
    """Apply one change, and judge its arrivals."""
    send(services, list(step.sent))
    if step.bill:
        bills.load(services, bills.simple(step.bill))
    judge_all(services)
    opened = [row.anomaly.id for row in lookup.list_anomalies(services, everything()).rows]
    done = [row.id for row in lifecycle.list_all(services) if row.status == "done"]
    if step.forgotten is not None and done:
        lifecycle.forget(services, done[step.forgotten % len(done)])
    if step.said is not None and opened:
        feedback.give(services, opened[step.said[0] % len(opened)], step.said[1], "as they say", "billing")
    judge_all(services)
    if step.swept is not None:
        retention.remove_old(services.store, START - step.swept * DAY_MS)
    indexes.check(services.store)
    if step.delivered:
        send_some(services)


def send_some(services: Services) -> None:
    """Send some of the alerts that are due: every other one, the rest stays claimed."""
    claims = outbox.claim(services.store, services.store.partitions, Lease(DESTINATION, "t", 1000, 100, "repeat"))
    outbox.record_attempts(services.store, "t", map(_send, claims[::2]))


def _send(claim: Claim) -> Attempt:
    return Attempt(claim, NextStatus(AlertStatus.SENT), "ok")


def configure(services: Services) -> None:
    """Set an API key, and a policy that applies."""
    access.issue(services, "billing", ["ingest"])
    policies.put(services, Policy("calm", 1, {"service": "S3"}, threshold=9.0))


def have_past(services: Services) -> None:
    """Have enough of a past that verdicts are more than learning, and jumps that open anomalies."""
    send(services, [Arrival(series, 50_000_000 + 1000 * (n % 3), n, None) for n in range(14) for series in range(3)])
    send(services, [Arrival(n % 3, amount, 20 + n, n) for n, amount in enumerate(JUMPS)])
    judge_all(services)


def verdicts_to_come(services: Services) -> list[tuple[object, ...]]:
    """Say that all was planned and send more; returns what is said of it, but for its numbers: those are others."""
    for row in lookup.list_anomalies(services, everything()).rows:
        feedback.give(services, row.anomaly.id, Word.PLANNED, "", "")
    sent = [Arrival(series, amount, 500 + n, None) for n, amount in enumerate(JUMPS * 2) for series in range(3)]
    send(services, [*sent, *(Arrival(0, 777_000_000 + name, 0, name) for name in range(6))])
    judge_all(services)
    said = [(row.entry, row.verdict) for row in lookup.list_costs(services, everything()).rows if row.verdict]
    return sorted(
        (entry.series.parts, entry.timestamp, entry.amount, verdict.status, verdict.mean, verdict.score, verdict.z or 0)
        for entry, verdict in said
    )


def have_everything(services: Services) -> None:
    """Have something of all that a store can hold."""
    configure(services)
    have_past(services)
    happen(services, Step(bill=((0, "EC2", 10), (1, "EC2", 11), (2, "S3", 12))))
    happen(services, Step(bill=((0, "RDS", 10),), delivered=True))
    happen(services, Step(forgotten=0, said=(0, Word.PLANNED), swept=12))
    happen(services, Step(bill=((4, "EC2", 10),)))
    uploading.send(services, bills.simple([(3, "EC2", 10)]))
    scopes.remember_dataset(services.store, "0123456789abcdef0123", "actual")
    destinations.acquire(services.store, "slack", 10, "t", "fingerprint")
    destinations.release(services.store, "slack", "t", MessageResult(0, "ok", off=False, sent=True, repeats=0))
    outbox.add(services.store, make_test("test-1"))


def export(services: Services, path: Path) -> Contents:
    with path.open("wb") as file:
        return exporter.export(services, file, silent)


def restore(services: Services, path: Path) -> None:
    """Restore into a store, which must verify then."""
    with restorer.alone(services):
        restorer.restore(services, path, silent)
        found = list(verification.differences(services))
        assert found == [], found
        indexes.check(services.store)
        restorer.open_(services)


JUDGED_ANEW = {"periods", "things", "unfolded", "progress", "episodes", "changed", "census"}


def carried(services: Services) -> dict[str, Any]:
    """Return all that an export carries of a store and all that is rebuilt, whatever the order of it."""
    client = services.store.client
    keys = sorted(key.decode() for key in client.scan_iter("kumo:*", count=1000))
    rows = {key: export_table.row_of(key) for key in keys}
    found = {key: _value(client, key) for key, row in rows.items() if row and row.way is not Way.LEFT_OUT}
    for own in export_table.OWN_FIELDS["kumo:layout"]:
        found["kumo:layout"].pop(own.encode(), None)
    # Of the series with normal entries it may bear such as have none any more.
    found = {key: value for key, value in found.items() if not key.endswith("newest:normal")}
    # An empty stream is a key, or none.
    return {key: value for key, value in found.items() if value and not _is_left_behind(services, key)}


def _is_left_behind(services: Services, key: str) -> bool:
    """Tell whether a key is left out of the comparison.

    Verdicts on totals are judged anew, totals are combined anew, and tags of entries that the retention removed go.
    """
    family, _, rest = key.partition("}:")[2].partition(":")
    if family in JUDGED_ANEW:
        return True
    known = store_series.identities(services.store, store_series.matching(services.store, {}))
    if family in {"daily", "shares"}:
        shared = {group.id for identity in known.values() for group in groups_of_series(identity)}
        return rest.partition(":")[0] not in (known if family == "daily" else shared)
    return family in {"tagsets", "members"} or rest.startswith(TAG)


def _value(client: Any, key: str) -> Any:  # noqa: ANN401 - of any type
    kind = client.type(key)
    return client.zrange(key, 0, -1, withscores=True) if kind == b"zset" else getattr(client, READERS[kind])(key)


def answers(client: FlaskClient) -> dict[str, Any]:
    """Return the answers of the API about everything."""
    found: dict[str, Any] = {path: [_leave_totals_out(row) for row in _pages(client, path)] for path in LISTS}
    for row in found["/anomalies/"]:
        for path in (f"/anomalies/{row['id']}", f"/anomalies/{row['id']}/explain"):
            found[path] = client.get(path).get_json()
    for row in found["/alerts/"]:
        found[f"/alerts/{row['id']}"] = client.get(f"/alerts/{row['id']}").get_json()
    return found


def _leave_totals_out(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a total is at: how far a bill had come before its days were removed is not known any more."""
    return {name: value for name, value in row.items() if name not in {"total", "status", "last_period", "usual"}}


def _pages(client: FlaskClient, path: str) -> Iterator[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    yield from answer.get_json()
    following = answer.headers.get("Link")
    if following:
        yield from _pages(client, following.partition(">")[0].removeprefix("<"))
