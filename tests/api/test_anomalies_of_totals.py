"""Anomalies of totals, of series and of groups, as they are listed, found by filters and paged; so are their alerts."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import Group
from kumo.domain.worth import NotSent
from kumo.engine import ingest
from kumo.services import Services
from kumo.store.series import DAYS
from tests.api.bills import Row, listed, paged
from tests.api.episodes import jump
from tests.api.refusals import refused
from tests.engine.detection.arrivals import judge_all
from tests.totals import DAY, UNIT, period, store_anomaly

SERIES = Series("EC2", "USD", "AWS", "prod", "eu-west-1")
GROUPS = {
    "all": Group("all", (), "USD"),
    "euro": Group("all", (), "EUR"),
    "prod": Group("account", ("prod",), "USD"),
    "ec2": Group("service", ("EC2",), "USD"),
    "both": Group("account,service", ("prod", "EC2"), "USD"),
    "search": Group("tag:team", ("search",), "USD"),
    "nobody": Group("tag:team", ("",), "USD"),
}


@pytest.fixture
def rows(client: FlaskClient, built: Services, judged: Callable[[], None]) -> dict[str, str]:
    """One anomaly of each group, one of the total of a series, and one of an entry: their ids by name."""
    opened = {"entry": str(jump(client, judged, 10, service="S3", account="dev")["anomaly"])}
    ingest.ingest(built, [Entry(SERIES, 200 * UNIT, DAY * DAY_MS + n, tags={"team": "Search"}) for n in range(2)])
    judged()
    opened["series"] = store_anomaly(built, SERIES).id
    return opened | {name: store_anomaly(built, group).id for name, group in GROUPS.items()}


def test_an_anomaly_of_a_group_says_what_it_is_about(client: FlaskClient, built: Services) -> None:
    anomaly = store_anomaly(built, GROUPS["both"], period(DAY, 400), period(DAY + 1, 500))
    row = client.get(f"/anomalies/{anomaly.id}").get_json()
    assert listed(client, "/anomalies/") == [row]
    assert (row["series"], row["group_id"], row["opened_by"]) == (None, GROUPS["both"].id, None)
    assert (row["title"], row["scope"]) == ("EC2 in account prod", {"account": "prod", "service": "EC2"})
    assert (row["service"], row["account"], row["provider"], row["region"]) == ("EC2", "prod", None, None)
    assert (row["periods"], row["first_period"], row["last_period"]) == (2, "2024-10-04", "2024-10-05")
    assert (row["entries"], row["impact"], row["impact_exact"], row["peak_z"]) == (0, 700.0, "700", 12.5)
    assert (row["first_seen"][:10], row["last_seen"][:10], row["opened_at"][:10]) == (
        "2024-10-04",
        "2024-10-05",
        "2024-10-04",
    )
    assert (row["not_sent"], row["alerts"], row["part_of"], row["offset_by"]) == (None, 1, None, [])
    [alert] = listed(client, "/alerts/")
    assert (alert["group_id"], alert["title"], alert["scope"]) == (row["group_id"], row["title"], row["scope"])
    assert (alert["period"], alert["running"], alert["amount"], alert["mean"]) == ("2024-10-05", True, 500.0, 100.0)
    assert (alert["periods"], alert["first_period"], alert["impact"]) == (2, "2024-10-04", 700.0)
    assert (alert["limit"], alert["score"], alert["cause"]) == (150.0, 12.5, "threshold")
    assert (alert["service"], alert["provider"], alert["entry"], alert["not_sent"]) == ("EC2", None, None, None)


def test_an_anomaly_of_a_series_has_its_names(client: FlaskClient, rows: dict[str, str]) -> None:
    row = client.get(f"/anomalies/{rows['series']}").get_json()
    assert (row["series"], row["group_id"], row["service"], row["region"]) == (SERIES.id, None, "EC2", "eu-west-1")
    assert row["scope"] == {"provider": "AWS", "account": "prod", "service": "EC2", "region": "eu-west-1"}
    entry = client.get(f"/anomalies/{rows['entry']}").get_json()
    assert (entry["periods"], entry["first_period"], entry["group_id"]) == (0, None, None)
    assert entry["scope"] == {"provider": "", "account": "dev", "service": "S3", "region": ""}
    alert = next(alert for alert in listed(client, "/alerts/") if alert["anomaly"] == rows["entry"])
    assert (alert["scope"], alert["title"], alert["period"]) == (entry["scope"], "S3 in account dev", None)


def test_what_was_not_sent_says_why(client: FlaskClient, built: Services) -> None:
    anomaly = store_anomaly(built, GROUPS["all"], reason=NotSent.WITHIN_BUDGET)
    row = client.get(f"/anomalies/{anomaly.id}").get_json()
    assert (row["not_sent"], row["alerts"], row["title"], row["scope"]) == ("within_budget", 0, "all costs in USD", {})
    assert listed(client, "/alerts/") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "entry series all euro prod ec2 both search nobody"),
        ({"service": "ec2"}, "series ec2 both"),
        ({"account": "prod"}, "series prod both"),
        ({"account": "prod", "service": "EC2"}, "series both"),
        ({"account": "dev"}, "entry"),
        ({"provider": ""}, "entry"),
        ({"region": "eu-west-1"}, "series"),
        ({"currency": "EUR"}, "euro"),
        ({"currency": "USD", "service": "EC2"}, "series ec2 both"),
        ({"tag.team": "SEARCH"}, "series search"),
        ({"tag.team": ""}, "entry nobody"),
        ({"tag.team": "search", "account": "prod"}, "series"),
        ({"tag.env": "x"}, ""),
        ({"from": "2024-10-04", "to": "2024-10-04"}, "series all euro prod ec2 both search nobody"),
        ({"status": "closed"}, ""),
    ],
)
def test_each_filter_finds_exactly_its_own_and_pages_have_each_once(
    client: FlaskClient, rows: dict[str, str], query: dict[str, str], found: str
) -> None:
    wanted = {rows[name] for name in found.split()}
    whole = listed(client, "/anomalies/", **query)
    assert sorted(row["id"] for row in whole) == sorted(wanted)
    for limit in (1, 2, 5):
        assert paged(client, "/anomalies/", limit=limit, **query) == whole
    if query.keys() & {"from", "status"}:
        return
    alerts = listed(client, "/alerts/", **query)
    assert sorted(of_anomaly(alerts)) == sorted(wanted)
    assert paged(client, "/alerts/", limit=2, **query) == alerts


def of_anomaly(alerts: list[Row]) -> list[str]:
    return [str(alert["anomaly"]) for alert in alerts]


def test_the_total_of_a_group_is_explained_in_words(client: FlaskClient, built: Services) -> None:
    anomaly = store_anomaly(built, GROUPS["both"], period(DAY, 400), period(DAY + 1, 500), reason=NotSent.WITHIN_BUDGET)
    why = client.get(f"/anomalies/{anomaly.id}/explain").get_json()
    assert why["words"] == [
        "EC2 in account prod cost 400.00 USD on 2024-10-04: 300.00 USD (+300.0%) above the usual 100.00 USD.",
        "Up to 150.00 USD is normal. The score of 12.50 is above the threshold of 3.",
        "With healthy costs such a day happens once in 100,000 days.",
        "From 2024-10-04 to 2024-10-05, 2 days were anomalous: 700.00 USD above the usual in all.",
        "No alert was sent, because a day like this is not rare enough among all that is watched (KUMO_FALSE_ALERTS).",
    ]
    assert (why["series"], why["group_id"], why["entry"], why["period"]) == (
        None,
        GROUPS["both"].id,
        None,
        "2024-10-04",
    )
    assert (why["amount"], why["expected"], why["impact"], why["highest_normal"]) == (400.0, 100.0, 300.0, 150.0)
    assert (why["score"], why["threshold"], why["detector"], why["z"], why["n"]) == (12.5, 3.0, "adaptive", None, None)
    assert (why["timestamp"], why["policy"], why["level"]) == ("2024-10-04T00:00:00.000Z", None, None)


def test_the_only_entry_of_the_day_says_what_it_consists_of(client: FlaskClient, built: Services) -> None:
    entry = Entry(SERIES, 400 * UNIT, DAY * DAY_MS, contributors=(("i-1", 390 * UNIT),))
    ingest.ingest(built, [entry])
    judge_all(built)
    anomaly = store_anomaly(built, SERIES)
    why = client.get(f"/anomalies/{anomaly.id}/explain").get_json()
    assert why["contributors"] == [{"name": "i-1", "amount": 390.0}]


def test_a_total_that_is_no_longer_stored_is_not_explained(client: FlaskClient, built: Services) -> None:
    anomaly = store_anomaly(built, GROUPS["all"])
    family = built.store.partition(anomaly.series_id).periods
    built.store.client.delete(f"{family}{anomaly.series_id}:{DAY // DAYS}")
    refused(client.get(f"/anomalies/{anomaly.id}/explain"), 404)
