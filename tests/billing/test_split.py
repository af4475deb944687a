"""Totals split by tags: which values rows have, exact sums, bounded memory."""

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.billing import Options, daily, open_bill
from kumo.billing.room import Room
from kumo.billing.split import COMBINATIONS, Split, join_parts
from kumo.billing.tag_keys import value_reader
from kumo.domain.names import compare_name
from kumo.domain.parts import MOST_VALUES, OTHER_VALUES
from tests.billing.samples import AZURE, CUR, FIXTURES, FOCUS, GCP, only, rows_of, stored, written

KEYS = ("team", "env")
ASKED = Options(currency="USD", tag_keys=KEYS)


def parts(content: bytes, options: Options = ASKED) -> list[dict[str, str]]:
    """Return the parts of the one total that a bill has, by key."""
    total = only(daily(rows_of(content, options), tag_keys=options.tag_keys or ()))
    return [{value: str(amount) for value, amount in split} for split in total.parts]


TAGGED = {
    "a JSON object": written(FOCUS | {"Tags": '{"Team": "ml", "env": "prod", "x": "y"}'}),
    "a JSON list": written(FOCUS | {"Tags": '[{"key": "TEAM ", "value": "ml"}, {"key": "env", "value": "prod"}]'}),
    "without braces": written(AZURE | {"Tags": '"team": "ml","env": "prod"', "CostInBillingCurrency": "1.25"}),
    "columns": written(
        CUR | {"resourceTags/user:Team": "ml", "resourceTags/user:env": "prod", "lineItem/UnblendedCost": "1.25"}
    ),
    "columns of Athena": written(
        CUR | {"resource_tags_user_team": "ml", "resource_tags_user_env": "prod", "lineItem/UnblendedCost": "1.25"}
    ),
    "a map as text": written(
        CUR | {"resource_tags": '{"user_team": "ml", "user_env": "prod"}', "lineItem/UnblendedCost": "1.25"}
    ),
    "labels": json.dumps(
        GCP | {"labels": [{"key": "team", "value": "ml"}, {"key": "env", "value": "prod"}], "cost": 1.25, "credits": []}
    ).encode(),
    "a map of Parquet": stored(
        {name: [value] for name, value in FOCUS.items()}
        | {"Tags": pa.array([[("team", "ml"), ("env", "prod")]], pa.map_(pa.string(), pa.string()))}
    ),
}


@pytest.mark.parametrize("content", TAGGED.values(), ids=TAGGED)
def test_tags_are_found_however_a_bill_writes_them(content: bytes) -> None:
    assert parts(content) == [{"ml": "1.25"}, {"prod": "1.25"}]


@pytest.mark.parametrize("content", TAGGED.values(), ids=TAGGED)
def test_tags_that_nobody_asks_for_are_not_even_read(content: bytes) -> None:
    assert [dict(row.tags) for row in rows_of(content, Options(currency="USD", tag_keys=()))] == [{}]
    (row,) = rows_of(content, Options(currency="USD", tag_keys=("ENV",)))
    assert list(row.tags.values()) == ["prod"]


@pytest.mark.parametrize(
    ("tags", "value"),
    [
        ({"team": "ml"}, "ml"),
        ({"TEAM\u00a0": " ml "}, " ml "),
        ({"user:team": "aws", "team": "ml"}, "ml"),
        ({"team": "", "user_team": "aws"}, "aws"),
        ({"user_user_team": "x"}, ""),
        ({"Team": "", "team": "ml", "TEAM": "late"}, "ml"),
        ({"team": " \u200b"}, ""),
        ({"teams": "x"}, ""),
        ({"team": "a\0b\ud800"}, "a\0b?"),
        ({"team": "x" * 1_000}, "x" * 187 + "…" + "f4ef24cf8df8"),
    ],
)
def test_the_first_tag_of_a_key_that_has_a_value_counts(tags: Mapping[str, str], value: str) -> None:
    (found,) = value_reader(["team"])(tags)
    assert found[:188] == value[:188]
    assert len(found) == len(value)


def test_values_are_one_in_all_spellings_and_the_first_stands() -> None:
    records = [FOCUS | {"Tags": json.dumps({"team": team})} for team in ("ML", "ml ", "Ml", "", "web")]
    assert parts(written(*records)) == [{"ML": "3.75", "": "1.25", "web": "1.25"}, {}]


def test_a_key_without_any_value_has_no_parts() -> None:
    assert parts(written(FOCUS | {"Tags": ""})) == [{}, {}]


def test_tags_of_a_fixture_sum_to_its_money() -> None:
    options = Options(currency="USD", tag_keys=("CostCenter", "environment"))
    with open_bill(FIXTURES / "focus/focus12_aws_synth_100.csv", options=options) as bill:
        rows = list(bill)
    expected: Counter[str] = Counter()
    for row in rows:
        expected[row.tags.get("Environment", "")] += row.amount  # type: ignore[assignment]
    found: Counter[str] = Counter()
    for total in daily(rows, tag_keys=options.tag_keys or ()):
        for value, amount in total.parts[1] or [("", total.amount)]:
            found[value] += amount  # type: ignore[assignment]
    assert {key: value for key, value in found.items() if value} == {
        key: value for key, value in expected.items() if value
    }
    assert len(found) > 2


names = st.text(st.sampled_from("abAB "), max_size=2)
costs = st.decimals("-1000", "1000", places=9)


@given(st.lists(st.tuples(names, names, costs), max_size=60), st.integers(0, 40))
def test_parts_sum_to_the_amount_whatever_the_room(rows: list[tuple[str, str, Decimal]], places: int) -> None:
    room = Room(places)
    split = Split(2, room)
    for one, other, amount in rows:
        split.count((one, other), amount)
    assert len(split._combinations) + sum(map(len, split._keys)) <= places + 2 * len(KEYS) + 1
    total = sum((amount for *_, amount in rows), Decimal(0))
    for place, found in enumerate(split.parts()):
        assert sum((amount for _, amount in found), Decimal(0)) == (total if found else 0)
        if found and OTHER_VALUES not in dict(found):
            expected: Counter[str] = Counter()
            for row in rows:
                expected[compare_name(row[place])] += row[2]  # type: ignore[assignment]
            assert {compare_name(value): amount for value, amount in found} == expected


@pytest.mark.parametrize("values", [MOST_VALUES, MOST_VALUES + 1, 10_000])
def test_the_largest_values_are_kept_and_the_others_summed(values: int) -> None:
    split = Split(2, Room(500_000))
    for number in range(values):
        split.count((f"v{number}", "prod"), Decimal(number + 1))
        assert len(split._combinations) <= COMBINATIONS
    found, whole = split.parts()
    assert whole == (("prod", Decimal(values * (values + 1) // 2)),)
    assert found[0] == (f"v{values - 1}", Decimal(values))
    left = values - MOST_VALUES
    assert found[MOST_VALUES:] == (((OTHER_VALUES, Decimal(left * (left + 1) // 2)),) if left else ())


def test_parts_of_two_totals_are_joined() -> None:
    many = [(f"v{number}", Decimal(1)) for number in range(MOST_VALUES)]
    assert join_parts([("ML", Decimal(1)), ("", Decimal(2)), ("ml", Decimal(3))]) == (
        ("ML", Decimal(4)),
        ("", Decimal(2)),
    )
    joined = join_parts([*many, (OTHER_VALUES, Decimal(5)), ("big", Decimal(9))])
    assert (joined[0], joined[-1], len(joined)) == (("big", Decimal(9)), (OTHER_VALUES, Decimal(6)), MOST_VALUES + 1)


def test_many_values_in_many_totals_stay_within_the_room() -> None:
    rows = rows_of(
        written(
            *(
                FOCUS | {"ServiceName": f"s{number % 3}", "Tags": json.dumps({"team": f"t{number}"})}
                for number in range(900)
            )
        ),
        ASKED,
    )
    totals = daily(rows, tag_keys=KEYS)
    assert [len(total.parts[0]) for total in totals] == [300, 300, 300]
