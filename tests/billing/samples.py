"""Bills for the tests: the fixtures, and small ones in the tests themselves."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from kumo.billing import Bill, BillError, Note, Options, Row, open_bill

FIXTURES: Final = Path(__file__).parent / "fixtures"
EXPECTED: Final[dict[str, dict[str, Any]]] = json.loads((FIXTURES / "expected_totals.json").read_text())
USD: Final = Options(currency="USD")

FOCUS: Final = {
    "ChargePeriodStart": "2026-09-01T00:00:00Z",
    "BilledCost": "1.5",
    "EffectiveCost": "1.25",
    "BillingCurrency": "USD",
    "ProviderName": "AWS",
    "BillingAccountId": "0001",
    "SubAccountId": "0042",
    "ServiceName": "Amazon EC2",
    "RegionId": "eu-west-1",
    "ChargeCategory": "Usage",
    "ResourceId": "i-1",
    "BillingPeriodStart": "2026-09-01T00:00:00Z",
    "Tags": '{"env": "prod"}',
}
CUR: Final = {
    "bill/PayerAccountId": "0001",
    "bill/BillingPeriodStartDate": "2026-09-01T00:00:00Z",
    "lineItem/UsageAccountId": "0042",
    "lineItem/LineItemType": "Usage",
    "lineItem/UsageStartDate": "2026-09-02T03:00:00Z",
    "lineItem/ProductCode": "AmazonEC2",
    "lineItem/UsageType": "BoxUsage:t3.micro",
    "lineItem/CurrencyCode": "USD",
    "lineItem/UnblendedCost": "10",
    "product/region": "eu-west-1",
}
AZURE: Final = {
    "Date": "09/02/2026",
    "SubscriptionId": "sub-1",
    "BillingAccountId": "8611537",
    "MeterCategory": "Storage",
    "ResourceLocation": "westeurope",
    "ResourceId": "/subscriptions/sub-1/disk",
    "CostInBillingCurrency": "2.5",
    "BillingCurrencyCode": "EUR",
    "ChargeType": "Usage",
    "PricingModel": "OnDemand",
    "Tags": '"env": "prod"',
}
GCP: Final = {
    "billing_account_id": "B-1",
    "service": {"id": "S", "description": "Compute Engine"},
    "sku": {"id": "K", "description": "Core"},
    "usage_start_time": "2026-09-01 23:00:00 UTC",
    "project": {"id": "shop", "name": "Shop"},
    "labels": [{"key": "env", "value": "prod"}],
    "location": {"location": "EU", "region": "europe-west1"},
    "cost": 5e-06,
    "currency": "USD",
    "credits": [{"name": "trial", "amount": -2e-06}],
    "invoice": {"month": "202609"},
    "cost_type": "regular",
}


def written(*records: dict[str, str], delimiter: str = ",") -> bytes:
    """Write records of the same columns as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def stored(columns: dict[str, Any]) -> bytes:
    """Write columns as Parquet."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """Pack files into a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def opened(content: bytes, options: Options | None = None) -> Bill:
    """Open a bill held in memory."""
    return open_bill(io.BytesIO(content), "bill.csv", options or Options())


def rows_of(content: bytes, options: Options | None = None) -> list[Row]:
    """Read all rows of a bill held in memory."""
    with opened(content, options) as bill:
        return list(bill)


def only(rows: Sequence[Row]) -> Row:
    """Return the one row that there must be."""
    assert len(rows) == 1
    return rows[0]


def only_note(notes: Sequence[Note]) -> str:
    """Return the only note about a bill."""
    assert len(notes) == 1, notes
    return str(notes[0])


def day(row: Row) -> str:
    """Return when a row starts."""
    return datetime.fromtimestamp(row.start / 1000, UTC).isoformat()


def refusal(content: bytes, options: Options | None = None) -> BillError:
    """Return why a bill held in memory is refused."""
    with pytest.raises(BillError) as caught:
        rows_of(content, options)
    assert caught.value.file.startswith("bill.csv")
    return caught.value
