"""Rows of Parquet that are grouped in Arrow give the same as row by row: totals, notes, refusals, counts."""

import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq

from kumo.billing import BillError, Options, arrow_groups, daily, open_bill, parquet
from kumo.billing.column_map import parse_map
from kumo.billing.totals import STEPS, Amount, Granularity
from tests.billing.parquets import AZURE, CUR, FIELD, FOCUS, SMALL, START, TABLE, tables

pytestmark = pytest.mark.slow

MAPS: Final = (
    "timestamp=Date,amount=Cost,billed=Net,service=Name,currency==USD,unit=Unit",
    "timestamp=Date,amount=Cost,service=Cost,currency==USD",
    "timestamp=Date,amount=Cost,resource=Date,currency==USD",
)


def read(table: pa.Table, step: int, granularity: Granularity, amount: Amount, columns: str = "") -> list[object]:
    """Return all results of a bill, or the reason of its refusal."""
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=20)
    file.seek(0)
    options = Options(columns=parse_map(columns) if columns else None, step=step, tag_keys=("env",))
    with open_bill(file, "bill.parquet", options) as bill:
        try:
            totals = daily(bill, granularity, amount, tag_keys=("env",))
        except BillError as error:
            return [str(error), list(map(str, bill.notes))]
        # NaN equals nothing, not even itself.
        unknown = [total.quantity is not None and total.quantity.is_nan() for total in totals]
        plain = [replace(each, quantity=None) if nan else each for each, nan in zip(totals, unknown, strict=True)]
        return [plain, unknown, bill.records, bill.rows, bill.dataset, list(map(str, bill.notes))]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in small pieces, so that groups are put together and given away in the middle."""
    monkeypatch.setattr(parquet, "_BATCH", 7)
    monkeypatch.setattr(parquet, "ROWS", 12)
    monkeypatch.setattr(arrow_groups, "KEPT", 15)
    monkeypatch.setattr(arrow_groups, "WORTH", 0)


GRANULARITIES: Final = st.sampled_from(list(STEPS))
EITHER: Final = st.sampled_from(("amortized", "billed"))
QUICK: Final = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("columns", [FOCUS, CUR, AZURE], ids=["focus", "cur", "azure"])
@given(data=st.data(), granularity=GRANULARITIES, amount=EITHER)
@QUICK
def test_grouped_rows_come_to_the_same(
    columns: dict[str, list[FIELD]], data: st.DataObject, granularity: Granularity, amount: Amount
) -> None:
    table = data.draw(tables(columns))
    assert read(table, STEPS[granularity], granularity, amount) == read(table, 0, granularity, amount)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("columns", MAPS)
@given(table=tables(TABLE), granularity=GRANULARITIES)
@QUICK
def test_so_do_those_of_any_table(columns: str, table: pa.Table, granularity: Granularity) -> None:
    one, other = (read(table, step, granularity, "amortized", columns) for step in (STEPS[granularity], 0))
    assert one == other


def hours(count: int, **columns: list[str]) -> pa.Table:
    """Return a bill of a resource that costs the same each hour."""
    made = {
        "ChargePeriodStart": pa.array([START + timedelta(hours=hour) for hour in range(count)], pa.timestamp("us")),
        "EffectiveCost": pa.array([0.1] * count),
        "BilledCost": pa.array([Decimal("0.3")] * count, SMALL),
        "BillingCurrency": ["USD"] * count,
        "ServiceName": ["EC2"] * count,
    }
    return pa.table(made | columns)


def rows(table: pa.Table, step: int = STEPS["daily"]) -> list[tuple[int, Decimal, Decimal, int]]:
    file = io.BytesIO()
    pq.write_table(table, file)
    file.seek(0)
    with open_bill(file, options=Options(step=step)) as bill:
        return [(row.start // STEPS["daily"], row.amount, row.billed, row.times) for row in bill]


def test_the_hours_of_a_day_are_one_row_exactly() -> None:
    first = rows(hours(48), 0)[0][0]
    assert rows(hours(48)) == [(first + day, Decimal("2.4"), Decimal("7.2"), 24) for day in range(2)]
    assert len(rows(hours(48), STEPS["hourly"])) == 48


def test_amounts_that_cancel_each_other_out_still_tell_which_export_it_is() -> None:
    columns = {
        "date": ["2026-09-01"] * 2,
        "costInBillingCurrency": [5.0, -5.0],
        "billingCurrency": ["USD"] * 2,
        "SubscriptionId": ["a"] * 2,
        "meterCategory": ["VM"] * 2,
        "chargeType": ["Purchase"] * 2,
        "pricingModel": ["Reservation"] * 2,
    }
    for step in (STEPS["daily"], 0):
        assert read(pa.table(columns), step, "daily", "amortized")[4] == "actual"


def test_rows_of_which_hardly_any_make_a_group_are_read_row_by_row() -> None:
    assert len(rows(hours(24, ResourceId=[f"i-{hour // 2}" for hour in range(24)]))) == 12
    assert len(rows(hours(24, ResourceId=[f"i-{hour}" for hour in range(24)]))) == 24


def test_what_is_no_number_of_arrow_is_read_row_by_row() -> None:
    assert len(rows(hours(24, EffectiveCost=["0.1"] * 24))) == 24


def test_a_file_that_is_damaged_names_the_row_that_is_wrong_before_the_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_BATCH", 1000)
    table = hours(5000, BillingCurrency=["USD"] * 1500 + [""] * 3500)
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=1000, compression="zstd")
    place = pq.ParquetFile(file).metadata.row_group(3).column(1).data_page_offset
    damaged = bytearray(file.getvalue())
    damaged[place : place + 40] = b"x" * 40
    told = []
    for step in (STEPS["daily"], 0):
        with (
            open_bill(io.BytesIO(damaged), "bill.parquet", Options(step=step)) as bill,
            pytest.raises(BillError) as caught,
        ):
            daily(bill)
        told.append(str(caught.value))
    assert told[0] == told[1]
    assert "row 1501, column BillingCurrency" in told[0]
