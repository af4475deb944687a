"""Quantity, unit, resource and charge category of single costs: restating them, and costs that are never judged."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from kumo.domain.categories import SPELLINGS
from tests.api.bills import listed
from tests.api.refusals import refused
from tests.api.test_ingest import COST, post

USED = COST | {"external_id": "x", "tags": {"team": "ml"}, "resource": "i-1", "quantity": "2.5", "unit": "Hours"}


def used(client: FlaskClient) -> list[tuple[str, str | None, str | None, dict[str, str], str | None]]:
    names = ("amount_exact", "quantity_exact", "unit", "tags", "resource")
    return [tuple(cost[name] for name in names) for cost in listed(client, "/costs/")]  # type: ignore[misc]


def test_a_quantity_is_kept_exactly(client: FlaskClient) -> None:
    cost = post(client, COST | {"quantity": "0.1234565", "unit": "GB-Mo"}).get_json()
    assert (cost["quantity"], cost["quantity_exact"], cost["unit"]) == (0.123456, "0.123456", "GB-Mo")


@pytest.mark.parametrize("path", ["/ingest/", "/ingest/batch"])
def test_restating_replaces_quantity_and_unit_and_leaves_the_rest(client: FlaskClient, path: str) -> None:
    def send(**fields: object) -> None:
        body = {name: value for name, value in (USED | fields).items() if value != "-"}
        post(client, body if path == "/ingest/" else [body], path)

    send()
    send(amount=51, quantity=3, unit="GB", tags={"team": "other"}, resource="i-2")
    assert used(client) == [("51", "3", "GB", {"team": "ml"}, "i-1")]
    send(amount=52, quantity="-", unit="-")
    assert used(client) == [("52", None, None, {"team": "ml"}, "i-1")]
    send(amount=52, quantity=7)
    assert used(client) == [("52", None, None, {"team": "ml"}, "i-1")], "the same amount changes nothing"
    send(amount=53)
    assert used(client) == [("53", "2.5", "Hours", {"team": "ml"}, "i-1")]


def test_the_answer_to_a_restatement_is_what_is_stored(client: FlaskClient) -> None:
    post(client, USED)
    answer = post(client, USED | {"amount": 51, "quantity": 3, "tags": {}})
    stored = client.get(answer.headers["Location"]).get_json()
    assert stored | {"total": None} == answer.get_json()  # the answer does not read the total


def test_without_an_external_id_a_quantity_may_stand_alone(client: FlaskClient) -> None:
    post(client, COST | {"quantity": 1})
    assert used(client) == [("50.5", "1", None, {}, None)]


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_a_charge_category_is_taken_as_focus_and_kumo_spell_it(client: FlaskClient, spelled: str) -> None:
    cost = post(client, COST | {"charge_category": spelled}).get_json()
    usage = SPELLINGS[spelled] == "usage"
    shown = (cost["charge_category"], cost["status"])
    assert shown == ((None, "pending") if usage else (SPELLINGS[spelled], "excluded"))


def test_what_is_no_usage_is_summed_and_never_judged(client: FlaskClient, judged: Callable[[], None]) -> None:
    for day in range(1, 13):
        stamp = {"timestamp": f"2026-01-{day:02}T00:00:00Z"}
        post(client, COST | stamp)
        post(client, COST | stamp | {"charge_category": "Tax", "amount": 9 if day < 12 else 9_000})
    judged()
    rows = listed(client, "/costs/", limit=100)
    assert {(row["charge_category"], row["status"]) for row in rows} == {
        *((None, status) for status in ("learning", "normal")), ("tax", "excluded")
    }  # fmt: skip
    assert listed(client, "/anomalies/") == []
    query: dict[str, Any] = {"from": "2026-01-12", "to": "2026-01-12"}
    assert [row["amount_exact"] for row in listed(client, "/costs/summary", **query)] == ["9050.5"]


@pytest.mark.usefixtures("judging")
def test_who_waits_for_what_is_never_judged_is_answered_at_once(client: FlaskClient) -> None:
    answer = post(client, COST | {"charge_category": "tax"}, Prefer="wait=5")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "excluded")


def test_each_charge_category_has_external_ids_of_its_own(client: FlaskClient) -> None:
    named: dict[str, Any] = COST | {"external_id": "x"}
    post(client, named)
    post(client, named | {"charge_category": "Tax", "timestamp": "2026-01-01T00:00:00Z"})
    assert len(listed(client, "/costs/")) == 2
    other = {"charge_category": "tax", "timestamp": "2026-01-02T00:00:00Z"}
    assert "another timestamp" in refused(post(client, named | other), 409)["detail"]


@pytest.mark.parametrize("path", ["/ingest/", "/ingest/batch"])
def test_what_is_never_judged_is_listed_by_that_status(
    client: FlaskClient, judged: Callable[[], None], path: str
) -> None:
    for body in (COST, COST | {"charge_category": "Tax", "external_id": "x"}):
        post(client, body if path == "/ingest/" else [body], path)
    post(client, COST | {"charge_category": "Tax", "external_id": "x", "amount": 7})
    for _ in range(2):
        assert [each["amount"] for each in listed(client, "/costs/", status="excluded")] == [7]
        judged()
    assert [each["amount"] for each in listed(client, "/costs/", status="learning")] == [50.5]
    assert listed(client, "/costs/", status="pending") == []
