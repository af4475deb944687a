"""Groups over HTTP: each account, service, … with its days, however it is spelled and however many there are."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from kumo.domain.groups import Group
from kumo.domain.totals.folding import TotalStatus
from kumo.services import Services
from tests.api.bills import Row, ids, listed, paged
from tests.api.conftest import Serve
from tests.api.refusals import first_error, refused
from tests.verdicts import combine, make_period, store_period

DAY = 20_484
NAMES = ("prod", "", "a,b", "\U0001f4a5/=?", "<script>alert(1)</script>", "x" * 200, "'; FLUSHALL", "kumo:{1}:seq")


def cost(account: str, amount: float | str = 1, **more: Any) -> Row:  # noqa: ANN401 - any field
    return {"service": "EC2", "account": account, "amount": amount, "timestamp": "2026-01-31T09:00:00Z"} | more


@pytest.fixture
def recorded(client: FlaskClient) -> list[Row]:
    rows = [cost(name, number, service=f"s{number % 3}") for number, name in enumerate(NAMES)]
    assert client.post("/ingest/batch", json=rows).status_code == 202
    return rows


def test_each_account_is_a_group_whatever_its_name(client: FlaskClient, recorded: list[Row]) -> None:
    found = listed(client, "/groups/", dimension="account")
    assert {row["value"]: row["total"] for row in found} == {row["account"]: row["amount"] for row in recorded}
    for row in found:
        one = client.get(f"/groups/{row['id']}").get_json()
        [day] = one.pop("periods")
        assert one == row
        assert (day["period"], day["total_exact"]) == (row["last_period"], row["total_exact"])


def test_a_pair_has_both_names_as_fields(client: FlaskClient, recorded: list[Row]) -> None:
    found = listed(client, "/groups/", dimension="account,service")
    assert len(found) == len(recorded)
    assert {(row["account"], row["service"], row["value"]) for row in found} == {
        (row["account"], row["service"], f"{row['account']},{row['service']}") for row in recorded
    }
    assert listed(client, "/groups/", dimension="account,service", account="A,b")[0]["value"] == "a,b,s2"


def test_a_group_shows_its_days_and_the_verdict_on_each(client: FlaskClient, built: Services) -> None:
    amounts = ((29, 50), (30, 90), (31, 120))
    rows = [cost("prod", f"{amount}.000001", timestamp=f"2026-01-{day}T09:00:00Z") for day, amount in amounts]
    client.post("/ingest/batch", json=[*rows, cost("prod", 2, charge_category="tax")])
    group = Group("account", ("prod",), "USD").id
    for day, status in ((DAY - 2, TotalStatus.NORMAL), (DAY, TotalStatus.ANOMALY)):
        amount = dict(amounts)[day - DAY + 31]
        store_period(built.store, group, make_period(day, amount * 10**6 + 1, status, score=7.5))
    shown = client.get(f"/groups/{group}").get_json()
    assert shown["periods"][-1] == {
        "period": "2026-01-31",
        "grain": "day",
        "entries": 2,
        "total": 122.000001,
        "total_exact": "122.000001",
        "excluded": 2.0,
        "quantity": None,
        "usual": 50.0,
        "limit": 100.0,
        "score": 7.5,
        "status": "anomaly",
        "direction": "above",
    }
    assert [day["status"] for day in shown["periods"]] == ["normal", "unjudged", "anomaly"]
    assert (shown["usual"], shown["status"], shown["last_period"]) == (50.0, "anomaly", "2026-01-31")
    shown = client.get(f"/groups/{group}?from=2026-01-30&to=2026-01-30").get_json()
    assert [day["period"] for day in shown["periods"]] == ["2026-01-30"]


@pytest.mark.slow
def test_six_thousand_accounts_are_paged_each_once_while_more_come(client: FlaskClient) -> None:
    for start in range(0, 6000, 2000):
        client.post("/ingest/batch", json=[cost(f"account {number}") for number in range(start, start + 2000)])
    found: list[Row] = []
    answer = client.get("/groups/?dimension=account&limit=999")
    for number in range(7):
        found += answer.get_json()
        client.post("/ingest/batch", json=[cost(f"new {number}"), cost(f"account {number}")])
        if "Link" in answer.headers:
            answer = client.get(answer.headers["Link"][1:].partition(">")[0])
    assert len(set(ids(found))) == len(found)
    assert {row["value"] for row in found} >= {f"account {number}" for number in range(6000)}


def test_a_list_is_paged_by_id_in_both_orders(client: FlaskClient, recorded: list[Row]) -> None:
    complete = listed(client, "/groups/", dimension="account")
    assert ids(complete) == sorted(ids(complete))
    for limit in (1, 3, 8):
        assert paged(client, "/groups/", dimension="account", limit=limit) == complete
        assert paged(client, "/groups/", dimension="account", limit=limit, order="desc") == complete[::-1]
    assert listed(client, "/groups/", dimension="account", skip=2, limit=3) == complete[2:5]
    assert len(recorded) == len(complete)


def test_an_answer_is_valid_until_something_comes_or_is_judged(client: FlaskClient, recorded: list[Row]) -> None:
    path = f"/groups/{listed(client, '/groups/', dimension='all')[0]['id']}"
    for each in (path, "/groups/?dimension=all"):
        answer = client.get(each)
        again = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(each, headers=again).status_code == 304
        client.post("/ingest/", json=recorded[1])
        assert client.get(each, headers=again).get_json() != answer.get_json()


def test_a_verdict_of_a_group_makes_another_answer(client: FlaskClient, built: Services, recorded: list[Row]) -> None:
    """A commit that judges only groups moves no cursor."""
    answer = client.get("/groups/?dimension=all")
    again = {"If-None-Match": answer.headers["ETag"]}
    built.store.client.incr(built.store.partitions[3].version)
    assert client.get("/groups/?dimension=all", headers=again).status_code == 200
    assert recorded


@pytest.mark.parametrize("value", ["", "x", "Account", "account, service", "service,account", "tag:", "tag:x", "\x00"])
def test_a_dimension_that_there_is_not_is_refused_with_those_that_there_are(client: FlaskClient, value: str) -> None:
    error = first_error(client.get("/groups/", query_string={"dimension": value}))
    assert error["field"] == "dimension"
    for name in ("all", "account,service", "tag:team"):
        assert name in error["detail"]


def test_the_dimension_is_needed(client: FlaskClient) -> None:
    error = first_error(client.get("/groups/"))
    assert error["field"] == "dimension"
    assert "account,service, or tag:KEY" in error["detail"]


@pytest.mark.parametrize("key", ["team", "TEAM", "Te\u0061m"])
def test_a_tag_is_a_dimension_in_any_spelling(client: FlaskClient, key: str) -> None:
    assert client.get("/groups/", query_string={"dimension": f"tag:{key}"}).status_code == 200


@pytest.mark.parametrize("path", ["/groups/{group}", "/series/{series}/periods"])
def test_a_range_makes_sense(client: FlaskClient, recorded: list[Row], path: str) -> None:
    group = listed(client, "/groups/", dimension="all")[0]["id"]
    series = listed(client, "/series/")[0]["id"]
    asked = path.format(group=group, series=series)
    for wrong in ("1969-12-31", "2026-02-30", "soon", "", "0001-01-01T00:00:00Z"):
        for name in ("from", "to"):
            assert first_error(client.get(asked, query_string={name: wrong}))["field"] == name
    error = first_error(client.get(asked, query_string={"from": "2026-02-01", "to": "2026-01-31"}))
    assert error == {"field": "from", "detail": "must be before to"}
    assert client.get(asked, query_string={"from": "2026-01-31", "to": "2026-01-31"}).status_code == 200
    time = "2026-01-31T00:00:00Z"
    assert first_error(client.get(asked, query_string={"from": time, "to": time}))["field"] == "from"
    assert client.get(asked, query_string={"from": "9999-12-31"}).status_code == 200
    assert recorded


def test_groups_without_a_name_to_look_for_are_not_there(client: FlaskClient, recorded: list[Row]) -> None:
    for name in ("x", listed(client, "/series/")[0]["id"], "a" * 16):
        assert refused(client.get(f"/groups/{name}"), 404)["detail"] == f"There is no group {name!r}."
    assert recorded


def test_a_page_follows_from_the_next_link_alone(serve: Serve) -> None:
    client = serve()
    client.post("/ingest/batch", json=[cost("a"), cost("b", currency="EUR"), cost("c")])
    assert len(paged(client, "/groups/", dimension="account", currency="USD", limit=1)) == 2
    link = client.get("/groups/?dimension=account&limit=1").headers["Link"]
    cursor = link.partition("cursor=")[2].partition(">")[0]
    assert first_error(client.get(f"/series/?cursor={cursor}"))["field"] == "cursor"


def test_periods_of_a_series_are_paged_newest_first(client: FlaskClient, judged: Callable[[], None]) -> None:
    rows = [cost("prod", day, timestamp=f"2026-01-{day:02}T{day % 24:02}:30:00Z") for day in range(1, 31)]
    client.post("/ingest/batch", json=rows)
    judged()
    series = listed(client, "/series/")[0]["id"]
    path = f"/series/{series}/periods"
    for grain, text in (("day", "2026-01-{0:02}"), ("hour", "2026-01-{0:02}T{1:02}:00:00Z")):
        expected = [text.format(day, day % 24) for day in range(30, 0, -1)]
        found = paged(client, path, grain=grain, limit=7)
        assert [row["period"] for row in found] == expected
        assert [row["total"] for row in found] == [float(day) for day in range(30, 0, -1)]
        assert paged(client, path, grain=grain, limit=7, order="asc") == found[::-1]
        assert listed(client, path, grain=grain, skip=3, limit=2) == found[3:5]
    for wrong in ("", "week", "Day", "DAY"):
        assert first_error(client.get(path, query_string={"grain": wrong}))["field"] == "grain"


def test_the_largest_come_first_by_what_they_cost_lately(client: FlaskClient, built: Services) -> None:
    old = {"a9": (900, "2025-12-01T09:00:00Z")}
    spend = {f"a{number}": (number, "2026-01-31T09:00:00Z") for number in range(1, 9)} | {"credit": (-7, None)} | old
    rows = [cost(name, amount, timestamp=time or "2026-01-29T09:00:00Z") for name, (amount, time) in spend.items()]
    assert client.post("/ingest/batch", json=rows).status_code == 202
    for row in rows:
        day = int(datetime.fromisoformat(row["timestamp"]).timestamp()) // 86_400
        combine(built.store, name_group(row["account"]), day, row["amount"])
    found = client.get("/groups/?dimension=account&top=3")
    assert [row["value"] for row in found.get_json()] == ["a8", *sorted(["a7", "credit"], key=name_group)]
    assert "Link" not in found.headers
    assert len(client.get("/groups/?dimension=account&top=1000").get_json()) == 10
    assert [row["value"] for row in client.get("/groups/?dimension=account&top=3&account=A2").get_json()] == ["a2"]
    for wrong in ("0", "1001", "x"):
        assert first_error(client.get(f"/groups/?dimension=account&top={wrong}"))["field"] == "top"


def name_group(account: str) -> str:
    return Group("account", (account,), "USD").id


def test_a_group_of_one_series_shows_the_verdicts_of_the_series(client: FlaskClient, built: Services) -> None:
    two = [cost("prod", amount, service="two", region=region) for amount, region in ((5, "us"), (7, "eu"))]
    rows = [cost("prod", 120, service="one"), *two]
    assert client.post("/ingest/batch", json=rows).status_code == 202
    [series] = client.get("/series/?service=one").get_json()
    store_period(built.store, series["id"], make_period(DAY, 120 * 10**6, TotalStatus.ANOMALY, score=7.5))
    found = {row["service"]: row for row in client.get("/groups/?dimension=account,service").get_json()}
    assert (found["one"]["status"], found["one"]["usual"]) == ("anomaly", 50.0)
    assert (found["two"]["status"], found["two"]["usual"]) == ("unjudged", None)
    [day] = client.get(f"/groups/{found['one']['id']}").get_json()["periods"]
    assert (day["status"], day["limit"]) == ("anomaly", 100.0)


def test_a_series_shows_its_newest_day(client: FlaskClient, built: Services) -> None:
    rows = [cost("prod", 5, timestamp="2026-01-30T09:00:00Z"), cost("prod", 100), cost("prod", 20.000001)]
    assert client.post("/ingest/batch", json=rows).status_code == 202
    [before] = client.get("/series/").get_json()
    assert (before["last_period"], before["total_exact"], before["status"]) == ("2026-01-31", "120.000001", "pending")
    store_period(built.store, before["id"], make_period(DAY, 120 * 10**6 + 1, TotalStatus.ANOMALY, score=7.5))
    after = client.get(f"/series/{before['id']}").get_json()
    assert (after["usual"], after["total"], after["status"]) == (50.0, 120.000001, "anomaly")
