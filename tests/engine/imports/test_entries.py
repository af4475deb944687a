"""From totals to entries: names that fit, money that adds up, and limits."""

from decimal import Decimal
from typing import Any

import pytest

from kumo.billing import BillError, Total
from kumo.billing.contributors import Contributor
from kumo.billing.row import Line
from kumo.billing.totals import NOT_KNOWN
from kumo.domain.entries import Series
from kumo.domain.money import MAX_MICROS, MAX_UNITS
from kumo.domain.parts import OTHER_VALUES
from kumo.engine.imports.entries import MAX_NAME, entry_of, notes_of, series_of
from kumo.store.scopes import Place

LINE = Line("focus", "payer", "2026-09", "aws", "0042", "eu-west-1", "EC2", "USD", "")
START = 1_788_220_800_000  # 2026-09-01


def total(amount: str | Decimal = "1", billed: str | Decimal = "2", **changes: Any) -> Total:  # noqa: ANN401 - any field
    given = {"line": LINE, "start": START, "amount": Decimal(amount), "billed": Decimal(billed), "rows": 1}
    return Total(**given | changes)


def named(*amounts: str, exact: bool = True) -> tuple[Contributor, ...]:
    return tuple(Contributor(f"i-{number}", Decimal(amount), exact) for number, amount in enumerate(amounts))


@pytest.mark.parametrize(
    ("changes", "series"),
    [
        ({}, Series("EC2", "USD", "aws", "0042", "eu-west-1")),
        ({"category": "tax"}, Series("EC2", "USD", "aws", "0042", "eu-west-1", "tax")),
        ({"service": ""}, Series("unknown", "USD", "aws", "0042", "eu-west-1")),
        ({"service": " \u200b"}, Series("unknown", "USD", "aws", "0042", "eu-west-1")),
        ({"account": "\ud800"}, Series("EC2", "USD", "aws", "?", "eu-west-1")),
    ],
)
def test_the_series_of_a_line_has_names_that_can_be_stored(changes: dict[str, str], series: Series) -> None:
    assert series_of(LINE._replace(**changes)) == series


def test_long_names_are_cut_and_stay_different() -> None:
    one, other = (series_of(LINE._replace(service="x" * 500 + end)) for end in "ab")
    assert one.id != other.id
    assert len(one.service) == len(other.service) == 200


def test_totals_of_one_day_are_added_up_exactly() -> None:
    entry = entry_of("scope", START, [total("0.1", "0.2"), total("0.2", "-0.2000001")], ())
    assert (entry.amount, entry.billed, entry.timestamp) == (300_000, 0, START)
    assert entry.series == series_of(LINE)


def test_entries_of_other_scopes_or_days_have_other_external_ids() -> None:
    ids = {entry_of(scope, start, [total()], ()).external_id for scope in ("a", "b") for start in (START, START + 1)}
    assert len(ids) == 4


def test_the_ten_largest_contributors_of_all_totals_are_named_by_their_ends() -> None:
    long = "x" * 500 + "end"
    totals = [
        total(contributors=named(*"123456789")),
        total(contributors=(Contributor("i-5", Decimal("0.5")), Contributor(long, Decimal(-99)))),
        total(contributors=(Contributor(long, Decimal(-1)), Contributor("\ud800", Decimal(50)))),
    ]
    found = entry_of("scope", START, totals, ()).contributors
    assert [(name[-3:], micros // 10**6) for name, micros in found[:3]] == [("end", -100), ("?", 50), ("i-8", 9)]
    assert len(found) == 10
    assert {len(name) for name, _ in found} == {MAX_NAME, 1, 3}
    assert ("i-5", 6_500_000) in found


@pytest.mark.parametrize(
    ("used", "quantity", "unit"),
    [
        ([], None, ""),
        ([("1.5", "Hours"), ("2", "Hours")], 3_500_000, "Hours"),
        ([("1.5", "Hours"), ("2", "GB")], None, ""),
        ([("1.5", "Hours"), ("0", "GB")], 1_500_000, "Hours"),
        ([("0", "Hours"), ("0", "GB")], 0, "Hours"),
        ([("1.5", "")], 1_500_000, ""),
        ([(str(10**12), "B"), ("1", "B")], None, ""),
        ([("NaN", "Hours")], None, ""),
    ],
)
def test_what_was_used_is_known_in_one_unit_or_not_at_all(
    used: list[tuple[str, str]], quantity: int | None, unit: str
) -> None:
    totals = [total(quantity=Decimal(number), unit=named_unit) for number, named_unit in used] or [total()]
    entry = entry_of("scope", START, totals, ())
    assert (entry.quantity, entry.unit) == (quantity, unit)


def test_one_unknown_quantity_makes_the_sum_unknown() -> None:
    totals = [total(quantity=Decimal(1), unit="Hours"), total(quantity=NOT_KNOWN, unit="Hours")]
    assert entry_of("scope", START, totals, ()).quantity is None


@pytest.mark.parametrize("field", ["amount", "billed"])
@pytest.mark.parametrize("sign", [1, -1])
def test_more_than_can_be_stored_is_refused_with_service_and_day(field: str, sign: int) -> None:
    most = {field: Decimal(MAX_UNITS * sign)}
    assert getattr(entry_of("scope", START, [total(**most)], ()), field) == MAX_MICROS * sign
    with pytest.raises(BillError, match="EC2 on 2026-09-01"):
        entry_of("scope", START, [total(**most), total(**{field: Decimal(sign)})], ())


def test_parts_are_split_by_key_and_a_total_without_a_value_is_without_the_tag() -> None:
    ml, none = ("ml", Decimal("0.3")), ("", Decimal("0.7"))
    keys = ("team", "env")
    both = [total("1", parts=((ml, none), ())), total("2", parts=((), ()))]
    assert entry_of("scope", START, both, keys).parts == {"team": {"": 2_700_000, "ml": 300_000}}
    assert entry_of("scope", START, both[:1], keys).parts == {"team": {"ml": 300_000, "": 700_000}}
    assert entry_of("scope", START, both[1:], keys).parts == {}


def test_notes_tell_what_is_beyond_the_limits_and_nothing_else() -> None:
    rest = total("5", parts=((("a", Decimal(3)), (OTHER_VALUES, Decimal(2))),))
    entry = entry_of("scope", START, [rest], ("team",))
    assert notes_of([rest], {"scope": {}}) == []
    [told] = notes_of([rest], {"scope": {Place("s", START): entry}, "other": {Place("s", START): entry}})
    assert "of 4 USD" in told
    assert "team" in told
    [vague] = notes_of([total(contributors=named("1", exact=False)), total(contributors=named("1"))], {})
    assert vague.startswith("1 daily or hourly totals")
