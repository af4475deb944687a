"""A real bill to try Kumo with, and a simple parser for it."""

import csv
from collections import defaultdict
from decimal import Decimal
from importlib import resources

Key = tuple[str, str, str, str, str, str]


def entries() -> list[dict[str, object]]:
    """Return the sample as entries for `POST /ingest/batch`: the billed usage of each day and series, oldest first."""
    totals: dict[Key, Decimal] = defaultdict(Decimal)
    with (resources.files("kumo.sample") / "focus_sample.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["ChargeCategory"] == "Usage":
                totals[_key(row)] += Decimal(row["BilledCost"])
    return [_entry(key, amount) for key, amount in sorted(totals.items())]


def _key(row: dict[str, str]) -> Key:
    day = row["ChargePeriodStart"][:10]
    region = "" if row["RegionId"] == "NULL" else row["RegionId"]
    return day, row["ProviderName"], row["BillingAccountId"], region, row["ServiceName"], row["BillingCurrency"]


def _entry(key: Key, amount: Decimal) -> dict[str, object]:
    day, provider, account, region, service, currency = key
    return {
        "timestamp": f"{day}T00:00:00Z",
        "provider": provider,
        "account": account,
        "region": region,
        "service": service,
        "currency": currency,
        "amount": str(amount),
        "external_id": f"focus-sample-{day}",
    }
