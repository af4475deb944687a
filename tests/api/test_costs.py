"""Costs are found by each filter, paged through without gap or double, and summed exactly."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from kumo.engine.queries.views import END_OF_TIME
from kumo.services import Services
from kumo.store import timeline
from kumo.store.timeline import Selection
from kumo.store.walk import Bounds
from tests.api.bills import NAMES, Row, bills, exact, followed, ids, listed, paged, place, record


@pytest.fixture
def recorded(client: FlaskClient) -> list[Row]:
    return record(client, bills())


@pytest.fixture
def spike(client: FlaskClient, judged: Callable[[], None]) -> Row:
    """A cost far above the twenty before it."""
    rows = [{"service": "EC2", "amount": 50 + number % 3} for number in range(20)]
    client.post("/ingest/batch", json=rows)
    cost: Row = client.post("/ingest/", json={"service": "EC2", "amount": 500}).get_json()
    judged()
    return cost


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in NAMES for value in NAMES[name] if value])
def test_each_filter_finds_exactly_its_own(client: FlaskClient, recorded: list[Row], name: str, value: str) -> None:
    found = listed(client, "/costs/", limit=1000, **{name: value})
    assert ids(found) == ids(row for row in recorded if row[name] == value)


@pytest.mark.parametrize("name", ["provider", "account", "region"])
def test_an_empty_filter_finds_those_without(client: FlaskClient, recorded: list[Row], name: str) -> None:
    found = listed(client, "/costs/", limit=1000, **{name: ""})
    assert ids(found) == ids(row for row in recorded if not row[name])


def test_filters_together_find_what_each_would(client: FlaskClient, recorded: list[Row]) -> None:
    wanted = {"service": "RDS & more", "provider": "AWS", "currency": "EUR"}
    match = [row for row in recorded if wanted.items() <= row.items()]
    assert ids(listed(client, "/costs/", **wanted)) == ids(match)
    one = match[0]
    all_names = {name: one[name] for name in NAMES}
    assert ids(listed(client, "/costs/", **all_names)) == ids(
        row for row in recorded if all_names.items() <= row.items()
    )
    assert listed(client, "/costs/", **wanted | {"service": "nobody"}) == []


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({"from": "2026-01-10T08:00:00Z"}, "2026-01-10T08", "9"),
        ({"from": "2026-01-10T08:00:00.001Z"}, "2026-01-10T16", "9"),
        ({"to": "2026-01-10T08:00:00Z"}, "", "2026-01-10T00~"),
        ({"to": "2026-01-10T08:00:00.001Z"}, "", "2026-01-10T08~"),
        ({"from": "2026-01-10"}, "2026-01-10T00", "9"),
        ({"to": "2026-01-10"}, "", "2026-01-10T16~"),
        ({"from": "2026-01-10", "to": "2026-01-10"}, "2026-01-10T00", "2026-01-10T16~"),
        ({"from": "2026-01-10T09:00:00+01:00", "to": "2026-01-10T17:00:00+01:00"}, "2026-01-10T08", "2026-01-10T08~"),
        ({"from": "2026-01-11", "to": "2026-01-10"}, "9", ""),
        ({"to": "1970-01-01T00:00:00Z"}, "9", ""),
    ],
)
def test_from_is_within_and_to_is_not(
    client: FlaskClient, recorded: list[Row], query: dict[str, str], first: str, last: str
) -> None:
    match = ids(row for row in recorded if first <= row["timestamp"] <= last)
    assert ids(listed(client, "/costs/", limit=1000, **query)) == match
    assert ids(paged(client, "/costs/", limit=7, **query)) == match


@pytest.mark.parametrize("limit", [3, 64, 1000])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_have_neither_gap_nor_double(client: FlaskClient, recorded: list[Row], order: str, limit: int) -> None:
    expected = sorted(recorded, key=place, reverse=order == "desc")
    assert ids(paged(client, "/costs/", order=order, limit=limit)) == ids(expected)


@pytest.mark.parametrize("query", [{"currency": "EUR"}, {"status": "learning"}, {"status": "normal", "service": "S3"}])
def test_so_have_pages_of_a_filtered_listing(
    client: FlaskClient, recorded: list[Row], judged: Callable[[], None], query: dict[str, str]
) -> None:
    judged()
    complete = listed(client, "/costs/", limit=1000)
    assert ids(complete) == ids(recorded)
    match = [row for row in complete if query.items() <= row.items()]
    assert paged(client, "/costs/", limit=9, **query) == match
    assert paged(client, "/costs/", limit=9, order="asc", **query) == sorted(match, key=place)


def test_pages_hold_still_while_costs_come_in(client: FlaskClient, recorded: list[Row]) -> None:
    def another(_: str) -> None:
        client.post("/ingest/", json={"service": "new", "amount": 1})

    assert ids(followed(client, "/costs/", {"limit": 50}, another)) == ids(recorded)


@pytest.mark.usefixtures("recorded")
def test_the_next_link_keeps_what_was_asked(client: FlaskClient) -> None:
    links: list[str] = []
    query = {"service": "\U0001f4a5/=?", "from": "2026-01-02T00:00:00+01:00", "order": "asc", "limit": "5"}
    first = client.get("/costs/", query_string=query | {"skip": "3"})
    links.append(first.headers["Link"])
    followed(client, "/costs/", query, links.append)
    for link in links:
        target = urlsplit(link[1:].partition(">")[0])
        kept = {name: values for name, values in parse_qs(target.query).items() if name != "cursor"}
        assert target.path == "/costs/"
        assert kept == {name: [value] for name, value in query.items()}


@pytest.mark.parametrize("skip", [0, 1, 99, 399, 400, 10_000])
def test_skip_leaves_out_the_first(client: FlaskClient, recorded: list[Row], skip: int) -> None:
    assert ids(listed(client, "/costs/", skip=skip, limit=10)) == ids(recorded[skip : skip + 10])
    assert ids(paged(client, "/costs/", skip=skip, limit=90)) == ids(recorded[skip:])


@pytest.mark.usefixtures("spike")
def test_skip_leaves_out_rows_of_the_status_asked_for(client: FlaskClient) -> None:
    normal = [row for row in listed(client, "/costs/") if row["status"] == "normal"]
    assert len(normal) == 10
    assert listed(client, "/costs/", status="normal", skip=5, limit=4) == normal[5:9]
    assert listed(client, "/costs/", status="normal", skip=10) == []
    assert listed(client, "/costs/", status="anomaly", skip=1) == []


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("same", [True, False], ids=["at one time", "one after the other"])
def test_no_row_comes_twice_while_its_page_is_read(
    client: FlaskClient, built: Services, order: str, *, same: bool
) -> None:
    """A series is read in several steps, and has more entries at each than at the one before."""
    times = [f"2026-01-01T00:00:00.{0 if same else number:03}Z" for number in range(50)]
    early, late = (times[0], times[0]) if same else ("2025-12-31T00:00:00Z", "2026-01-02T00:00:00Z")
    batch = [{"service": "hot", "amount": number, "timestamp": time} for number, time in enumerate(times)]
    recorded = client.post("/ingest/batch", json=batch).get_json()["ids"]
    found = []
    bounds = Bounds(0, END_OF_TIME, newest_first=order == "desc")
    for position in chain.from_iterable(timeline.read(built.store, [Selection({})], bounds, 1)):
        found.append(position.id)
        if len(found) % 7 == 0 and len(found) < 100:
            rows = [{"service": "hot", "amount": 1, "timestamp": time} for time in (early, late)]
            client.post("/ingest/batch", json=rows)
    assert len(found) == len(set(found))
    assert [one for one in found if one in recorded] == recorded[:: 1 if order == "asc" else -1]


def test_a_hundred_come_where_nobody_says_how_many(client: FlaskClient, recorded: list[Row]) -> None:
    assert ids(listed(client, "/costs/")) == ids(recorded[:100])


def test_a_cost_is_shown_with_its_whole_verdict(client: FlaskClient, spike: Row) -> None:
    [cost] = listed(client, "/costs/", status="anomaly")
    assert client.get(f"/costs/{spike['id']}").get_json() == cost
    assert (cost["status"], cost["is_anomaly"], cost["n"], cost["detector"]) == ("anomaly", True, 20, "zscore")
    assert cost["z"] == pytest.approx((500 - cost["mean"]) / cost["stddev"])
    assert cost["impact"] == pytest.approx(500 - cost["mean"])
    assert cost["impact_percent"] == pytest.approx(100 * cost["impact"] / cost["mean"])
    assert "z = " in cost["reason"]
    anomaly = client.get(f"/anomalies/{cost['anomaly']}").get_json()
    assert (anomaly["opened_by"], anomaly["cause"], cost["cause"]) == (cost["id"], "threshold", "threshold")


@pytest.mark.usefixtures("spike")
def test_costs_are_found_by_what_is_known_of_them(client: FlaskClient) -> None:
    client.post("/ingest/", json={"service": "EC2", "amount": 50})
    counts = {status: len(listed(client, "/costs/", status=status)) for status in ("pending", "learning", "normal")}
    assert counts == {"pending": 1, "learning": 10, "normal": 10}
    flags = {cost["status"]: cost["is_anomaly"] for cost in listed(client, "/costs/")}
    assert flags == {"pending": None, "learning": False, "normal": False, "anomaly": True}


def totals(rows: list[Row], by: str) -> list[tuple[str, str, str, Decimal, int]]:
    found: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for row in rows:
        found[row["timestamp"][:10], row.get(by, ""), row["currency"]].append(exact(row))
    return [(*key, sum(amounts, Decimal(0)), len(amounts)) for key, amounts in sorted(found.items())]


@pytest.mark.parametrize("by", ["service", "account", "provider", "region", "none"])
@pytest.mark.parametrize("only", [{}, *({name: NAMES[name][-1]} for name in NAMES)], ids=str)
def test_a_summary_equals_the_sum_of_its_costs(
    client: FlaskClient, recorded: list[Row], by: str, only: dict[str, str]
) -> None:
    span = {"from": "2026-01-03", "to": "2026-01-28"}
    match = [row for row in recorded if "2026-01-03" <= row["timestamp"][:10] <= "2026-01-28"]
    rows = listed(client, "/costs/summary", by=by, **span, **only)
    shown = [(r["date"], r["key"], r["currency"], Decimal(r["amount_exact"]), r["entries"]) for r in rows]
    assert shown == totals([row for row in match if all(row[name] == only[name] for name in only)], by)
    assert all(row["amount"] == float(row["amount_exact"]) for row in rows)


def test_a_summary_of_the_top_sums_the_others(client: FlaskClient) -> None:
    for service, amount in (("a", 5), ("b", 9), ("c", 1), ("d", 2)):
        client.post("/ingest/", json={"service": service, "amount": amount, "timestamp": "2026-01-31T00:00:00Z"})
    rows = listed(client, "/costs/summary", top="2", **{"from": "2026-01-31", "to": "2026-01-31"})
    assert [(row["key"], row["amount"]) for row in rows] == [("a", 5), ("b", 9), (None, 3)]


def test_a_summary_follows_a_correction(client: FlaskClient) -> None:
    bill = {"service": "EC2", "external_id": "b", "timestamp": "2026-01-31T23:59:59.999Z"}
    for amount in ("1000000000000", "0.000001"):
        client.post("/ingest/", json=bill | {"amount": amount})
    [row] = listed(client, "/costs/summary", **{"from": "2026-01-31", "to": "2026-01-31"})
    assert (row["date"], row["amount_exact"], row["entries"]) == ("2026-01-31", "0.000001", 1)


def test_a_summary_shows_thirty_days_where_nobody_says_which(client: FlaskClient, built: Services) -> None:
    day = 86_400_000
    for age in (0, 29, 30):
        at = (built.clock() - age * day) // 1000
        client.post("/ingest/", json={"service": "x", "amount": age, "timestamp": rfc3339(at)})
    assert [row["amount"] for row in listed(client, "/costs/summary")] == [29, 0]
    assert [row["amount"] for row in listed(client, "/costs/summary", to=rfc3339(at)[:10])] == [30]


def rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
