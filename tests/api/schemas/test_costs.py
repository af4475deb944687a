"""How a cost is shown, and what is asked of daily totals."""

from datetime import date
from typing import Any

import pytest
from marshmallow import ValidationError

from kumo.api.schemas.costs import MOST_PARTS, CostSchema, Span, SummaryQuery
from kumo.domain.entries import Entry, Series
from kumo.domain.judging import Status, Verdict
from kumo.domain.parts import OTHER_VALUES
from kumo.engine.queries.views import Cost

SERIES = Series("EC2", "USD")
VERDICT = Verdict(
    status=Status.ANOMALY,
    amount=3_000_000,
    n=20,
    mean=1.0,
    stddev=0.5,
    z=4.0,
    score=4.0,
    threshold=3.0,
    detector="zscore",
)


def show(entry: Entry, verdict: Verdict | None = None) -> dict[str, Any]:
    found: dict[str, Any] = CostSchema().dump(Cost("s-1", "s", entry, verdict))
    return found


def split(*micros: int) -> list[tuple[str, str]]:
    """Return how parts of these sizes, the largest first, are shown."""
    entry = Entry(SERIES, sum(micros), 0, parts={"team": {f"v{number}": size for number, size in enumerate(micros)}})
    return [(each["value"], each["amount_exact"]) for each in show(entry)["parts"]["team"]]


@pytest.mark.parametrize(
    ("verdict", "status", "is_anomaly", "impact"),
    [
        (None, "pending", None, None),
        (VERDICT, "anomaly", True, 2.0),
    ],
)
def test_a_verdict_is_shown_and_null_while_it_is_pending(
    verdict: Verdict | None, status: str, *, is_anomaly: bool | None, impact: float | None
) -> None:
    shown = show(Entry(SERIES, 3_000_000, 0), verdict)
    assert (shown["status"], shown["is_anomaly"], shown["impact"]) == (status, is_anomaly, impact)
    assert (shown["reason"] is None) is (verdict is None)


def test_a_charge_that_is_no_usage_is_excluded() -> None:
    shown = show(Entry(Series("EC2", "USD", charge_category="tax"), 1, 0))
    assert (shown["status"], shown["charge_category"], shown["is_anomaly"]) == ("excluded", "tax", False)


def test_an_amount_is_shown_as_a_number_and_exactly() -> None:
    shown = show(Entry(SERIES, 123_456_789_012_345_678, 0, quantity=-1, unit="GB"))
    assert (shown["amount_exact"], shown["quantity_exact"]) == ("123456789012.345678", "-0.000001")
    assert (shown["amount"], shown["unit"]) == (123456789012.34568, "GB")


def test_what_is_empty_is_null() -> None:
    shown = show(Entry(SERIES, 0, 0))
    empty = ("external_id", "quantity", "quantity_exact", "unit", "resource", "charge_category", "billed")
    assert {shown[name] for name in (*empty, "other_contributors")} == {None}
    assert (shown["tags"], shown["parts"], shown["contributors"]) == ({}, {}, [])


@pytest.mark.parametrize(
    ("billed", "contributors", "others"),
    [
        (None, (("i-1", 1_000_000),), None),
        (0, (), 3.0),
        (5_000_000, (("i-1", 4_000_000), ("credit", -2_000_000)), 1.0),
    ],
)
def test_what_the_named_contributors_leave_over_is_told_of_a_cost_from_a_bill(
    billed: int | None, contributors: tuple[tuple[str, int], ...], others: float | None
) -> None:
    entry = Entry(SERIES, 3_000_000, 0, billed=billed, contributors=contributors)
    assert show(entry)["other_contributors"] == others


def test_no_more_than_twenty_parts_are_shown_and_the_others_as_one_sum() -> None:
    most = [10**6] * MOST_PARTS
    assert len(split(*most)) == MOST_PARTS
    assert split(*most, 2, 3)[-1] == (OTHER_VALUES, "0.000005")
    assert len(split(*most, 5, -5)) == MOST_PARTS


def test_others_that_are_stored_are_added_to_those_that_are_not_shown() -> None:
    parts = {OTHER_VALUES: 7, **{f"v{number}": 5 for number in range(MOST_PARTS)}}
    shown = show(Entry(SERIES, sum(parts.values()), 0, parts={"team": parts}))["parts"]["team"]
    assert shown[0]["amount_exact"] == "0.000012"
    assert len(shown) == MOST_PARTS


def test_a_summary_is_by_service_where_nothing_is_asked() -> None:
    assert SummaryQuery().load({}) == Span(by="service")
    asked = {"by": "none", "from": "2026-01-01", "to": "2026-01-31", "currency": "EUR"}
    assert SummaryQuery().load(asked) == Span("none", date(2026, 1, 1), date(2026, 1, 31), series={"currency": "EUR"})


@pytest.mark.parametrize("by", ["service", "account", "provider", "region", "none", "tag:team", "tag:Ü b"])
def test_a_summary_is_grouped_by_a_name_or_a_tag(by: str) -> None:
    assert SummaryQuery().load({"by": by}).by == by


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("by", text) for text in ("", "Service", "currency", "tag", "tags:team")),
        *(("top", text) for text in ("0", "51", "-1", "1.5", "x", "")),
        *(("from", text) for text in ("2026-02-30", "yesterday", "2026-01-31T00:00:00Z")),
        ("to", ""),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SummaryQuery().load({name: value})
    assert list(refused.value.messages_dict) == [name]
