import pytest
from marshmallow import ValidationError

from kumo.api.schemas import cursors
from kumo.api.schemas.alerts import AlertsQuery
from kumo.api.schemas.costs import CostsQuery
from kumo.domain.paging import Position
from kumo.engine.queries.views import END_OF_TIME, Query

DAY = 86_400_000
# Old, from no list, from another list, too short, malformed, too long.
BAD_CURSORS = (
    *("1-a", "1769850000000-5woeftbt6mygcc7u-0000000015", "AAAAAAAAAAAAAAAAAAAAAAAA", cursors.COSTS.example[:-2]),
    *(cursors.ANOMALIES.write(Position(1, "5woeftbt6mygcc7u-0000000015")), cursors.COSTS.example + "==", "A" * 400, ""),
)
START = 1_769_817_600_000  # 2026-01-31


def test_nothing_asked_is_the_newest_hundred() -> None:
    assert CostsQuery().load({}) == Query()
    assert (Query().limit, Query().high, Query().newest_first) == (100, END_OF_TIME, True)


def test_filters_become_those_of_the_series() -> None:
    asked = {"service": "EC2", "provider": "", "currency": "EUR", "status": "anomaly", "order": "asc", "skip": "5"}
    assert CostsQuery().load(asked) == Query(
        series={"service": "EC2", "provider": "", "currency": "EUR"}, status="anomaly", newest_first=False, skip=5
    )


@pytest.mark.parametrize(
    ("asked", "low", "high"),
    [
        ({"from": "2026-01-31"}, START, END_OF_TIME),
        ({"to": "2026-01-31"}, 0, START + DAY - 1),
        ({"from": "2026-01-31", "to": "2026-01-31"}, START, START + DAY - 1),
        ({"from": "2026-01-31T00:00:00Z", "to": "2026-01-31T00:00:01Z"}, START, START + 999),
        ({"from": "2026-01-31T02:00:00+02:00"}, START, END_OF_TIME),
    ],
)
def test_a_date_means_the_whole_day_and_a_time_is_where_to_stop(asked: dict[str, str], low: int, high: int) -> None:
    query = CostsQuery().load(asked)
    assert (query.low, query.high) == (low, high)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "1001", "-1", "1.5", "1_0", "+1", " 1", "\u0661", "", "9" * 400)),
        *(("skip", value) for value in ("-1", "10001")),
        *(
            ("from", value)
            for value in ("2026-02-30", "2026-01-31T09:00:00", "1969-12-31", "0001-01-01", "yesterday", "")
        ),
        ("to", "20260131"),
        ("currency", "usd"),
        ("service", ""),
        ("region", "x" * 201),
        ("status", "odd"),
        ("order", "up"),
        *(("cursor", value) for value in BAD_CURSORS),
        ("by", "service"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CostsQuery().load({name: value})
    assert list(refused.value.messages_dict) == [name]


def test_a_cursor_is_read_as_it_was_written() -> None:
    position = Position(END_OF_TIME, "5woeftbt6mygcc7u-00000000ff")
    assert CostsQuery().load({"cursor": cursors.COSTS.write(position)}).after == position
    for name in ("test-5f0c2d9a41b7e386-1", "import-7-1", "5woeftbt6mygcc7u-0000000015-2"):
        assert cursors.ALERTS.read(cursors.ALERTS.write(Position(0, name))) == (0, name)


def test_alerts_are_asked_for_by_state() -> None:
    assert AlertsQuery().load({"state": "no destination"}) == Query(status="no destination")
