"""Rows are read as written, also those of another version; a malformed one is named by key and field."""

import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.access import ApiKey, KeyScope
from kumo.domain.alerts import SpendChange
from kumo.domain.anomalies import Anomaly, AnomalyStatus
from kumo.domain.entries import Series
from kumo.domain.extensible import Extensible
from kumo.domain.feedback import Feedback, Word
from kumo.domain.groups import Group
from kumo.domain.imports import Failure, Figures, Import, ImportStatus
from kumo.domain.imports import Scope as BillScope
from kumo.domain.judging import Cause
from kumo.domain.policies import Combine, Policy
from kumo.domain.worth import NotSent
from kumo.errors import StoredRowError
from kumo.store import rows
from kumo.store.uploads import Upload
from tests.alerts import SUMMARY
from tests.notify.sending import change_total

ANOMALY = Anomaly(
    id="s-1",
    series_id="s",
    status=AnomalyStatus.OPEN,
    opened_by="s-1",
    opened_at=2,
    first_seen=1,
    last_seen=2,
    entries=3,
    peak_z=4.5,
    total_impact=10**18,
    alerted_impact=7,
    cause=Cause.DRIFT,
    not_sent=NotSent.OFFSET,
    group=Group("account,service", ("prod", "EC2"), "USD"),
    offset_by=(("t", 5),),
)
IMPORT = Import(
    7,
    "bill.csv",
    ImportStatus.FAILED,
    added=Figures(3, {"USD": "1.5"}),
    money={"USD": "0.000001"},
    scopes=(BillScope("focus", "4711", "2026-01"),),
    notes=("7 rows were left out",),
    error=Failure("is no number", "bill.csv", 3, "Cost"),
)
ROWS: list[Any] = [
    ANOMALY,
    IMPORT,
    Import(8, "other.csv"),
    Policy("prod", 1, {"account": "prod-*"}, {"team": "ml"}, "zscore", 2.5, 10**6, 7.0, Combine.OR),
    Feedback(Word.PLANNED, "a sale", "finops", 5),
    Upload(number=7, name="bill.csv", pieces=2, received_at=5, choices={"currency": "USD", "detect": ["tax"]}),
    ApiKey("billing", frozenset({KeyScope.READ, KeyScope.INGEST}), "9ca4", 5),
    SUMMARY,
    SpendChange(
        anomaly="s-1",
        entry="s-1",
        series=Series("EC2", "USD"),
        timestamp=2,
        contributors=(("i-1", 5),),
    ),
    change_total(falls=(("EC2", 5),)),
]


class Size(StrEnum):
    SMALL = "small"


@dataclass(frozen=True)
class Wheel:
    spokes: int


@dataclass(frozen=True, kw_only=True)
class Cart(Extensible):
    name: str
    weight: float = 1.5
    size: Size = Size.SMALL
    kind: Literal["hand", "ox"] = "hand"
    empty: bool = True
    owner: str | None = None
    wheels: tuple[Wheel, ...] = ()
    place: tuple[str, int] = ("", 0)
    load: dict[str, str] = field(default_factory=dict)


def cart(**values: object) -> Cart:
    return rows.build(Cart, {"name": "a"} | values, "carts 1")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_a_row_comes_back_as_it_was_written(row: object) -> None:
    assert rows.load(type(row), rows.dump(row).encode(), "key") == row


def test_what_is_not_known_is_left_out_and_written_again() -> None:
    newer = {"later": {"x": 1}, "wheels": [{"spokes": 3, "rim": "wood"}], "place": ["here", 1, "up"]}
    found = cart(**newer)
    assert (found.wheels, found.place) == ((Wheel(3),), ("here", 1))
    assert json.loads(rows.dump(replace(found, weight=2)))["later"] == {"x": 1}
    assert found == cart(wheels=[{"spokes": 3}], place=["here", 1])


def test_what_is_missing_has_its_default() -> None:
    assert cart() == Cart(name="a")


def test_a_member_that_is_not_known_is_none_of_those_that_are_and_stays_what_it_is() -> None:
    found = cart(size="huge").size
    assert isinstance(found, Size)
    assert (found, str(found), found == Size.SMALL, hash(found)) == ("huge", "huge", False, hash("huge"))
    assert json.loads(rows.dump(cart(size="huge")))["size"] == "huge"
    with pytest.raises(ValueError, match="huge"):
        Size("huge")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": 5}, "carts 1: name must be a text, not 5"),
        ({"weight": "5"}, "carts 1: weight must be a number, not '5'"),
        ({"weight": True}, "carts 1: weight must be a number, not True"),
        ({"empty": 1}, "carts 1: empty must be true or false, not 1"),
        ({"size": None}, "carts 1: size must be a text, not None"),
        ({"kind": "mule"}, "carts 1: kind must be hand or ox, not 'mule'"),
        ({"wheels": {"a": 1}}, "carts 1: wheels must be a list, not {'a': 1}"),
        ({"wheels": [{"spokes": 3}, {}]}, "carts 1: wheels.1 has no spokes"),
        ({"wheels": [{"spokes": 3.5}]}, "carts 1: wheels.0.spokes must be a whole number, not 3.5"),
        ({"wheels": ["x"]}, "carts 1: wheels.0 must be an object, not 'x'"),
        ({"place": ["x"]}, "carts 1: place must be a list of 2, not ['x']"),
        ({"place": ["x", "y"]}, "carts 1: place.1 must be a whole number, not 'y'"),
        ({"load": []}, "carts 1: load must be an object, not []"),
        ({"load": {"hay": 3}}, "carts 1: load.hay must be a text, not 3"),
    ],
)
def test_a_value_of_another_type_is_named_by_key_and_field(values: dict[str, object], said: str) -> None:
    with pytest.raises(StoredRowError) as caught:
        cart(**values)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "carts 1 holds no JSON"),
        (b"\xff", "carts 1 holds no JSON"),
        (b"[]", "carts 1 holds no JSON object, but []"),
        (b"{}", "carts 1: has no name"),
    ],
)
def test_what_is_no_row_is_named_by_its_key(text: bytes, said: str) -> None:
    with pytest.raises(StoredRowError, match="carts 1") as caught:
        rows.load(Cart, text, "carts 1")
    assert said in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data(), row=st.sampled_from(ROWS), value=VALUES)
def test_whatever_stands_in_a_field_the_row_is_read_or_refused(data: st.DataObject, row: Any, value: object) -> None:  # noqa: ANN401 - any row
    values = json.loads(rows.dump(row))
    values[data.draw(st.sampled_from(sorted(values)))] = value
    try:
        found = rows.build(type(row), values, "key")
    except StoredRowError:
        return
    assert rows.load(type(row), rows.dump(found).encode(), "key") == found
