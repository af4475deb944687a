"""Costs by tags, of bills and of single costs: sums by value and day, exact; lists; refusals."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from kumo.domain.entries import DAY_MS
from kumo.domain.parts import MOST_VALUES, OTHER_VALUES
from kumo.engine.imports import lifecycle
from kumo.engine.queries import tag_sums
from kumo.services import Services
from kumo.store import keys, retention
from tests.api.bills import listed, paged
from tests.api.conftest import Serve
from tests.api.refusals import refused
from tests.api.test_ingest import COST, post
from tests.engine.imports.bills import FIRST, focus, load, row, sound

JUNE: dict[str, str] = {"from": "2025-06-01", "to": "2025-06-30"}


def tagged(day: int, cost: object, service: str = "EC2", quantity: str = "", **tags: str) -> dict[str, str]:
    used = {"ConsumedQuantity": quantity, "ConsumedUnit": "Hours" if quantity else ""}
    return row(day, service, cost, Tags=json.dumps(tags), **used)


def sums(client: FlaskClient, by: str = "tag:team", **query: str) -> dict[tuple[int, str], str]:
    """Return the totals of each day of June by key."""
    rows = listed(client, "/costs/summary", **(JUNE | {"by": by} | query))
    return {(int(each["date"][-2:]), each["key"]): each["amount_exact"] for each in rows}


BILL = (
    tagged(0, "1.5", team="ml", env="prod", quantity="2"),
    tagged(0, "2.25", team="ML ", env="dev", quantity="0.5"),
    tagged(0, "4", team="web", env="prod"),
    tagged(0, "8.000001", "S3"),
    tagged(1, "16", team="ml", env="prod"),
)


def test_sums_by_tag_and_day_are_exact_when_restated_and_forgotten(client: FlaskClient, built: Services) -> None:
    load(built, focus(*BILL))
    assert sums(client) == {(1, ""): "8.000001", (1, "ml"): "3.75", (1, "web"): "4", (2, "ml"): "16"}
    assert sums(client, "tag:ENV") == {(1, ""): "8.000001", (1, "dev"): "2.25", (1, "prod"): "5.5", (2, "prod"): "16"}

    moved = [tagged(0, "1.5", team="web"), *BILL[1:]]
    second = load(built, focus(*moved))
    assert (second.changed.entries, second.unchanged.entries) == (0, 3)
    assert sums(client, "tag:team")[1, "web"] == "5.5", "an answer that was kept is not the one of before"
    sound(built)

    third = load(built, focus(tagged(0, "7", team="web", quantity="3"), tagged(0, "1", "S3", team="ml")))
    assert sums(client) == {(1, "web"): "7", (1, "ML "): "1", (2, "ML "): "16"}  # spelled as it was in the first bill
    lifecycle.forget(built, third.id)
    lifecycle.forget(built, second.id)
    assert sums(client) == {}
    sound(built)


def test_a_cost_shows_its_parts_its_quantity_and_what_drove_it(client: FlaskClient, built: Services) -> None:
    load(built, focus(*BILL))
    [cost] = [each for each in listed(client, "/costs/") if each["service"] == "EC2" and each["amount"] == 7.75]
    assert [(part["value"], part["amount_exact"]) for part in cost["parts"]["team"]] == [("web", "4"), ("ml", "3.75")]
    assert [(part["value"], part["amount"]) for part in cost["parts"]["env"]] == [("prod", 5.5), ("dev", 2.25)]
    assert "project" not in cost["parts"]
    assert (cost["quantity_exact"], cost["unit"], cost["tags"]) == ("2.5", "Hours", {})
    assert (cost["contributors"], cost["other_contributors"]) == ([{"name": "i-1", "amount": 7.75}], 0)
    assert client.get(f"/costs/{cost['id']}").get_json() == cost


def test_what_the_named_resources_leave_is_told(client: FlaskClient, built: Services) -> None:
    rows = [row(0, "EC2", 100 + number, ResourceId=f"i-{number}") for number in range(50)]
    load(built, focus(*rows, row(0, "EC2", "0.5", ResourceId="")))
    [cost] = listed(client, "/costs/")
    assert [each["amount"] for each in cost["contributors"]] == [149 - number for number in range(10)]
    assert cost["other_contributors"] == sum(100 + number for number in range(40)) + 0.5


def test_single_costs_count_by_their_one_value(client: FlaskClient) -> None:
    for number, tags in enumerate([{"Team": "ml"}, {"team": "ML"}, {"team": "web", "env": "prod"}, {}, {"team": ""}]):
        post(client, COST | {"amount": 2**number, "timestamp": "2025-06-03T09:00:00Z", "tags": tags})
    assert sums(client) == {(3, "ML"): "3", (3, "web"): "4", (3, ""): "24"}
    assert sums(client, **{"tag.env": "prod"}) == {(3, "web"): "4"}
    assert sums(client, **{"tag.env": ""}) == {(3, "ML"): "3", (3, ""): "24"}
    rows = listed(client, "/costs/summary", by="tag:team", **JUNE)
    assert {(each["key"], each["entries"], each["complete"]) for each in rows} == {
        ("ML", 2, True), ("web", 1, True), ("", 2, True)
    }  # fmt: skip


def test_a_filter_by_tag_counts_the_parts_and_lists_whole_costs(client: FlaskClient, built: Services) -> None:
    load(built, focus(*BILL))
    assert sums(client, "service", **{"tag.team": "ml"}) == {(1, "EC2"): "3.75", (2, "EC2"): "16"}
    assert sums(client, "none", **{"tag.Team": "WEB"}) == {(1, ""): "4"}
    assert sums(client, "service", **{"tag.team": ""}) == {(1, "S3"): "8.000001"}
    assert sums(client, **{"tag.team": "ml", "service": "s3"}) == {}
    for query, amounts in (
        ({"tag.team": "ml"}, [16, 7.75]),
        ({"tag.team": "web"}, [7.75]),
        ({"tag.team": ""}, [8.000001]),
        ({"tag.owner": ""}, [16, 7.75, 8.000001]),
        ({"tag.team": "nobody"}, []),
        ({"tag.team": "ml", "service": "ec2", "to": "2025-06-01"}, [7.75]),
    ):
        assert sorted(each["amount"] for each in paged(client, "/costs/", limit=1, **query)) == sorted(amounts)


def test_two_tags_are_refused_where_costs_are_split_by_both(client: FlaskClient, built: Services) -> None:
    both = {"tag.team": "ml", "tag.env": "prod"}
    load(built, focus(BILL[4]))
    assert sums(client, **both) == {(2, "ml"): "16"}
    assert sums(client, "tag:env", **{"tag.team": "ml"}) == {(2, "prod"): "16"}
    assert len(listed(client, "/costs/", **both)) == 1
    load(built, focus(*BILL))
    for path, query in (
        ("/costs/", both),
        ("/costs/summary", JUNE | {"by": "tag:env", "tag.team": "ml"}),
        ("/costs/summary", JUNE | both),
    ):
        assert "only one tag" in refused(client.get(path, query_string=query), 422)["detail"]
    assert sums(client, "tag:team", **{"tag.team": "ML"})[2, "ml"] == "16"
    assert sums(client, **{"from": "2025-06-02"} | both) == {(2, "ml"): "16"}


def test_a_tag_that_bills_are_not_split_by_is_refused(client: FlaskClient, serve: Serve) -> None:
    detail = refused(client.get("/costs/summary?by=tag:owner"), 422)["detail"]
    assert "team, env, project" in detail
    for by in ("tag:", "tags:team", "Tag:team", "charge_category"):
        refused(client.get("/costs/summary", query_string={"by": by}), 422)
    none = serve({"KUMO_TAG_KEYS": "none"})
    refused(none.get("/costs/summary?by=tag:team"), 422)
    assert serve({"KUMO_TAG_KEYS": "Owner, cost center"}).get("/costs/summary?by=tag:COST%20CENTER").status_code == 200


@pytest.mark.parametrize("path", ["/costs/", "/costs/summary", "/anomalies/", "/alerts/"])
def test_what_is_wrong_with_a_filter_by_tag_is_said(client: FlaskClient, path: str) -> None:
    for query in ({"tag.team": "x" * 201}, {"tag." + "x" * 201: "y"}):
        [error] = refused(client.get(path, query_string=query), 422)["errors"]
        assert next(iter(query)).startswith(error["field"][:100])
    assert "must be given once" in refused(client.get(f"{path}?tag.team=a&tag.team=b"), 422)["detail"]
    refused(client.get(path, query_string={"tags": "x"}), 422)
    assert listed(client, path, **{"tag.": "x", "tag.a.b": "\0"}) == []


def test_too_many_costs_are_refused_before_they_are_read(
    client: FlaskClient, built: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(built, focus(*(tagged(day, 1, f"s{service}") for day in range(5) for service in range(5))))
    built.check_layout()
    built.store.client.hdel(keys.LAYOUT, keys.TAGGED)  # groups would answer from their totals
    monkeypatch.setattr(tag_sums, "MOST_ENTRIES", 24)
    detail = refused(client.get("/costs/summary", query_string=JUNE | {"by": "tag:team"}), 422)["detail"]
    assert "more than 24 costs" in detail
    assert sums(client, **{"from": "2025-06-02"}) == {(day, ""): "5" for day in range(2, 6)}


def test_what_the_retention_removed_is_summed_under_no_name(
    client: FlaskClient, built: Services, judged: Callable[[], None]
) -> None:
    load(built, focus(*BILL, tagged(2, 5, team="web")))
    judged()
    whole = sums(client, "none")
    before = sums(client)
    retention.remove_old(built.store, (FIRST + 2 - date(1970, 1, 1).toordinal()) * DAY_MS)
    assert sums(client) == before  # totals of groups stay
    built.store.client.hdel(keys.LAYOUT, keys.TAGGED)
    built.store.client.hincrby(keys.LAYOUT, "passes")  # no answer is cached from before
    assert sums(client) == {(1, OTHER_VALUES): "15.750001", (2, OTHER_VALUES): "16", (3, "web"): "5"}
    assert before[3, "web"] == "5"
    assert sums(client, "none") == whole
    rows = listed(client, "/costs/summary", by="tag:team", **JUNE)
    assert [(each["entries"], each["complete"]) for each in rows] == [(2, False), (1, False), (1, True)]


def test_the_smallest_of_very_many_values_are_summed_as_others(client: FlaskClient, built: Services) -> None:
    rows = [tagged(0, f"{number + 1}", team=f"t{number}", env="prod") for number in range(MOST_VALUES + 5)]
    found = load(built, focus(*rows, tagged(1, 1, team="t1")))
    assert "team has more than 1,000 values on a day of a series: the smallest, of 15 USD" in " ".join(found.notes)
    days = listed(client, "/costs/summary", by="tag:team", **JUNE)
    assert sum(Decimal(each["amount_exact"]) for each in days) == sum(range(1, MOST_VALUES + 6)) + 1
    assert {(each["date"][-1], each["complete"]) for each in days} == {("1", False), ("2", True)}
    assert sums(client)[1, OTHER_VALUES] == "15"
    top = listed(client, "/costs/summary", by="tag:team", top=3, **JUNE)
    assert [each["complete"] for each in top if each["key"] is None] == [False, True]
    assert sums(client, "tag:env") == {(1, "prod"): str(sum(range(1, MOST_VALUES + 6))), (2, ""): "1"}
    [cost] = [each for each in listed(client, "/costs/") if each["amount"] > 1]
    shown = cost["parts"]["team"]
    assert [part["value"] for part in shown[:2]] == ["t1004", "t1003"]
    assert (len(shown), shown[-1]["value"]) == (21, OTHER_VALUES)
    assert sum(Decimal(part["amount_exact"]) for part in shown) == Decimal(cost["amount_exact"])


def test_anomalies_and_alerts_are_those_of_a_tag(client: FlaskClient, judged: Callable[[], None]) -> None:
    for day in range(1, 21):
        stamp = {"timestamp": f"2025-06-{day:02}T00:00:00Z"}
        for service, team in (("EC2", "ml"), ("S3", "web")):
            amount = 50 + day % 3 if day < 20 else 900
            post(client, COST | stamp | {"service": service, "amount": amount, "tags": {"team": team}})
    judged()
    for path in ("/anomalies/", "/alerts/"):
        assert [each["service"] for each in listed(client, path, **{"tag.team": "ML"})] == ["EC2"]
        assert len(listed(client, path, **{"tag.env": ""})) == 2
        assert listed(client, path, **{"tag.team": ""}) == []


def test_a_policy_by_tag_judges_imported_costs(client: FlaskClient, built: Services) -> None:
    client.put("/policies/ml", json={"tags": {"team": "ml"}, "threshold": 5})
    rows = [
        tagged(day, 50 + day % 3 if day < 19 else 900, service, team=team)
        for day in range(20)
        for service, team in (("EC2", "ml"), ("S3", "web"))
    ]
    rows += [tagged(day, 10 if day < 19 else 180, "EC2", team="web") for day in range(20)]
    client.put("/policies/web", json={"tags": {"team": "web"}, "threshold": 1_000_000, "position": 1})
    load(built, focus(*rows))
    assert [each["service"] for each in listed(client, "/anomalies/")] == ["EC2"]
    newest = {each["service"]: each for each in listed(client, "/costs/", **{"from": "2025-06-20"})}
    assert (newest["S3"]["threshold"], newest["EC2"]["threshold"]) == (1_000_000, 5)
    assert newest["EC2"]["anomaly"]


def test_a_bill_is_read_again_once_other_tags_are_asked_for(client: FlaskClient, serve: Serve, built: Services) -> None:
    load(built, focus(*BILL))
    assert load(built, focus(*BILL)).same_as
    other: Services = serve({"KUMO_TAG_KEYS": "env"}).application.extensions["kumo"]
    other.check_layout()
    again = load(other, focus(*BILL))
    assert (again.same_as, again.unchanged.entries) == ("", 3)
    assert {name for cost in listed(client, "/costs/") for name in cost["parts"]} == {"env"}
    assert sums(client) == {(1, ""): "15.750001", (2, ""): "16"}
