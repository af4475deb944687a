"""Series show their windows exactly, and are found by each part of their identity."""

import statistics
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from kumo.domain import money
from tests.api.bills import NAMES, Row, bills, exact, ids, listed, paged, record
from tests.api.conftest import Serve

amounts = st.lists(
    st.integers(-money.MAX_MICROS, money.MAX_MICROS) | st.integers(45_000_000, 55_000_000), min_size=1, max_size=30
)


@pytest.fixture
def recorded(client: FlaskClient) -> dict[str, list[Row]]:
    """Bills by the id of their series."""
    found: dict[str, list[Row]] = {}
    for row in record(client, bills()):
        found.setdefault(row["id"].partition("-")[0], []).append(row)
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=amounts)
def test_sums_are_exact(client: FlaskClient, redis_client: Redis, amounts: list[int]) -> None:
    redis_client.flushall()
    client.application.extensions.pop("kumo.layout", None)
    client.post("/ingest/batch", json=[{"service": "x", "amount": money.exact(micros)} for micros in amounts])
    [series] = listed(client, "/series/")
    exactly = [Fraction(micros, 10**6) for micros in amounts]
    assert Fraction(series["sum"]) == sum(exactly)
    assert Fraction(series["sum_of_squares"]) * 10**12 == sum(micros**2 for micros in amounts)
    assert series["n"] == len(amounts)
    assert series["mean"] == pytest.approx(float(sum(exactly) / len(amounts)), rel=1e-15)
    if len(amounts) > 1:
        assert series["stddev"] == pytest.approx(float(statistics.stdev(exactly)), rel=1e-12)
    else:
        assert series["stddev"] is None


def test_a_series_shows_who_it_is_of_and_its_window(client: FlaskClient, recorded: dict[str, list[Row]]) -> None:
    for series_id, rows in recorded.items():
        series = client.get(f"/series/{series_id}").get_json()
        assert {name: series[name] for name in NAMES} == {name: rows[0][name] for name in NAMES}
        assert (series["id"], series["n"]) == (series_id, len(rows))
        assert Decimal(series["sum"]) == sum(map(exact, rows))
        times = sorted(row["timestamp"].replace("+00:00", ".000Z") for row in rows)
        assert (series["first_at"], series["last_at"]) == (times[0], times[-1])


def test_the_window_holds_the_newest(serve: Serve) -> None:
    client = serve({"KUMO_WINDOW": "3", "KUMO_MIN_HISTORY": "2"})
    days = [5, 1, 4, 2, 3]
    rows = [{"service": "x", "amount": day, "timestamp": f"2026-01-0{day}T00:00:00Z"} for day in days]
    client.post("/ingest/batch", json=rows)
    [series] = listed(client, "/series/")
    assert (series["n"], series["sum"], series["sum_of_squares"]) == (3, "12", "50")


def test_a_listing_is_paged_by_id(client: FlaskClient, recorded: dict[str, list[Row]]) -> None:
    complete = listed(client, "/series/", limit=1000)
    assert ids(complete) == sorted(recorded)
    for limit in (7, 64):
        assert paged(client, "/series/", limit=limit) == complete
    assert listed(client, "/series/", skip=5, limit=4) == complete[5:9]
    assert listed(client, "/series/") == complete[:100]
    euros = [row for row in complete if row["currency"] == "EUR"]
    assert paged(client, "/series/", limit=9, skip=2, currency="EUR") == euros[2:]


@pytest.mark.parametrize("name", NAMES)
def test_each_filter_finds_exactly_its_own(client: FlaskClient, recorded: dict[str, list[Row]], name: str) -> None:
    for value in NAMES[name]:
        match = [series_id for series_id, rows in recorded.items() if rows[0][name] == value]
        assert ids(listed(client, "/series/", limit=1000, **{name: value})) == sorted(match)


def test_filters_together_name_one_series(client: FlaskClient, recorded: dict[str, list[Row]]) -> None:
    for series_id, rows in list(recorded.items())[:5]:
        assert ids(listed(client, "/series/", **{name: rows[0][name] for name in NAMES})) == [series_id]


def test_the_mean_is_the_one_that_the_next_cost_is_judged_by(client: FlaskClient, judged: Callable[[], None]) -> None:
    client.post("/ingest/batch", json=[{"service": "x", "amount": f"{number}.1"} for number in range(15)])
    [series] = listed(client, "/series/")
    cost = client.post("/ingest/", json={"service": "x", "amount": 8}).get_json()
    judged()
    judgement = client.get(f"/costs/{cost['id']}").get_json()
    assert (judgement["n"], judgement["mean"], judgement["stddev"]) == (15, series["mean"], series["stddev"])
