"""Tables as bills in Parquet may hold them, of any types that a column may have, for property tests."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
from hypothesis import strategies as st

START: Final = datetime(2026, 9, 1)  # noqa: DTZ001 - as Parquet holds it
FIELD = tuple[pa.DataType, st.SearchStrategy[Any]]
TIMES: Final = st.integers(0, 60).map(lambda hours: START + timedelta(hours=hours, microseconds=hours * 7))
SMALL: Final = pa.decimal128(20, 10)
NUMBERS: Final[list[FIELD]] = [
    (SMALL, st.decimals(-1000, 1000, places=10)),
    (pa.decimal128(38, 18), st.decimals(-1000, 1000, places=18)),
    (pa.decimal128(38, 38), st.just(Decimal("0.1"))),
    (pa.float64(), st.floats(-1000, 1000)),
    (pa.float64(), st.sampled_from([0.1, 0.2, -0.0, 1e-7, 12345.6789, -0.1, 0.0])),
    (pa.float64(), st.sampled_from([0.1, 1e11, 9e11, -9e11, 1e-30, 1.5e-39, float("nan"), 0.30000000000000004])),
    (pa.float64(), st.sampled_from([0.1, 2e12, float("inf"), 5e-324])),
    (pa.float32(), st.floats(-100, 100, width=32)),
    (pa.int64(), st.integers(-(10**12), 10**12)),
    (pa.uint64(), st.integers(0, 10**9)),
    (pa.int64(), st.sampled_from([1, 10**13])),
    (pa.string(), st.sampled_from(["1.5", "-2", "", "NULL", "x"])),
    (pa.bool_(), st.booleans()),
    (pa.null(), st.none()),
]
DATES: Final[list[FIELD]] = [
    (pa.timestamp("us"), TIMES),
    (pa.timestamp("ns", "UTC"), TIMES),
    (pa.date32(), TIMES.map(datetime.date)),
    (pa.string(), TIMES.map(datetime.isoformat)),
    (pa.string(), st.sampled_from(["2026-09-01", "2026-09-01T05:00:00Z", "2026-09-02", "soon"])),
    (pa.string(), st.sampled_from(["09/02/2026", "09/03/2026", "13/09/2026"])),
    (pa.int64(), st.integers(1_788_220_800, 1_788_400_000)),
]
TEXTS: Final[list[FIELD]] = [
    (pa.string(), st.sampled_from(["a", "b", "A", "", "NULL", "123456789012.0"])),
    (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["a", "b"])),
    (pa.large_string(), st.sampled_from(["a", "b"])),
    (pa.int64(), st.integers(1, 3)),
    (pa.float64(), st.sampled_from([1.0, float("nan")])),
    (pa.null(), st.none()),
]
ACCOUNTS: Final[list[FIELD]] = [*TEXTS, (pa.string(), st.sampled_from(["a", "1.2E+11"]))]
CURRENCIES: Final[list[FIELD]] = [
    (pa.string(), st.just("USD")),
    (pa.string(), st.sampled_from(["USD", "EUR", "MC"])),
    (pa.string(), st.sampled_from(["USD", "USD", "USD", ""])),
]
TAGS: Final[list[FIELD]] = [
    (pa.string(), st.sampled_from(['{"env": "prod"}', '{"env": "test"}', "{broken", ""])),
    (pa.map_(pa.string(), pa.string()), st.sampled_from([[("env", "prod")], [("env", None)], []])),
]
QUANTITIES: Final[list[FIELD]] = [
    (pa.float64(), st.sampled_from([0.0, 1.5, 2.0])),
    (SMALL, st.decimals(0, 10, places=2)),
    (pa.string(), st.sampled_from(["1", "many"])),
]


def words(*texts: str) -> list[FIELD]:
    return [(pa.string(), st.sampled_from(texts))]


FOCUS: Final = {
    "ChargePeriodStart": DATES,
    "BillingPeriodStart": DATES[:1],
    "BilledCost": NUMBERS,
    "EffectiveCost": NUMBERS,
    "BillingCurrency": CURRENCIES,
    "SubAccountId": ACCOUNTS,
    "ServiceName": TEXTS,
    "ResourceId": TEXTS,
    "ChargeCategory": words("Usage", "Tax", "Credit"),
    "ChargeClass": words("Correction", ""),
    "ConsumedQuantity": QUANTITIES,
    "ConsumedUnit": words("Hrs"),
    "Tags": TAGS,
}
CUR: Final = {
    "line_item_usage_start_date": DATES,
    "line_item_unblended_cost": NUMBERS,
    "line_item_net_unblended_cost": NUMBERS,
    "line_item_line_item_type": words("Usage", "DiscountedUsage", "RIFee", "Fee", "SavingsPlanNegation", "Tax"),
    "reservation_effective_cost": NUMBERS,
    "reservation_unused_recurring_fee": NUMBERS,
    "reservation_unused_amortized_upfront_fee_for_billing_period": NUMBERS,
    "reservation_reservation_a_r_n": TEXTS,
    "line_item_usage_account_id": ACCOUNTS,
    "line_item_product_code": TEXTS,
    "line_item_resource_id": TEXTS,
    "line_item_currency_code": CURRENCIES,
    "product": TAGS[1:],
}
AZURE: Final = {
    "date": DATES,
    "costInBillingCurrency": NUMBERS,
    "billingCurrency": CURRENCIES,
    "SubscriptionId": ACCOUNTS,
    "meterCategory": TEXTS,
    "chargeType": words("Usage", "Purchase", "UnusedReservation"),
    "pricingModel": words("Reservation", "OnDemand"),
    "resourceId": TEXTS,
    "tags": TAGS,
}
TABLE: Final = {"Date": DATES, "Cost": NUMBERS, "Net": NUMBERS, "Name": TEXTS, "Unit": words("h", "GB")}


@st.composite
def tables(draw: st.DrawFn, columns: dict[str, list[FIELD]]) -> pa.Table:
    count = draw(st.integers(1, 60))
    made = {}
    for name, fields in columns.items():
        kind, values = draw(st.sampled_from(fields))
        empty = st.none() if draw(st.booleans()) else values
        some = draw(st.lists(st.one_of(values, values, values, empty), min_size=1, max_size=6))
        places = draw(st.lists(st.integers(0, len(some) - 1), min_size=count, max_size=count))
        made[name] = pa.array([some[place] for place in places], kind)
    return pa.table(made)
