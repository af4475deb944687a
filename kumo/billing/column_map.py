"""A map from Kumo's fields to the columns of any table: timestamp=Date,amount=Cost,currency==EUR."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kumo.billing.errors import quote

TIMESTAMP: Final = "timestamp"
AMOUNT: Final = "amount"
# Each field with words that suggest its column, for guessing.
GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    TIMESTAMP: ("date", "day", "time", "start", "period", "month", "datum", "zeit"),
    AMOUNT: ("cost", "amount", "charge", "spend", "price", "kosten", "betrag"),
    "service": ("service", "product", "category", "sku", "item", "name", "type"),
    "currency": ("currency", "ccy", "währung"),
    "account": ("account", "subscription", "project", "tenant", "organi"),
    "region": ("region", "location", "zone"),
}
NAMES: Final = (
    *(TIMESTAMP, AMOUNT, "service", "currency", "provider", "account", "region"),
    *("billed", "billing_account", "period", "category", "resource", "tags", "quantity", "unit"),
)
# Fields that differ from row to row.
COLUMNS_ONLY: Final = frozenset({TIMESTAMP, AMOUNT, "billed", "tags", "quantity", "unit"})


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The column of each field, and the fields with the same value in all rows."""

    columns: Mapping[str, str]
    constants: Mapping[str, str]


def parse_map(text: str) -> ColumnMap:
    """Parse a map: pairs separated by commas, `NAME=COLUMN` or `NAME==VALUE` for all rows.

    A pair that contains a comma is in double quotes. Raises `ValueError` with the fault.
    """
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    try:
        pairs = next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error as error:
        raise ValueError(f"is not a list of pairs separated by commas: {error}") from None
    for pair in pairs:
        name, sign, value = pair.partition("=")
        is_constant = value.startswith("=")
        name, value = name.strip(), value.removeprefix("=").strip()
        _check_pair(pair, name, sign and value, is_constant=is_constant)
        if name in columns or name in constants:
            raise ValueError(f"names {name} twice")
        (constants if is_constant else columns)[name] = value
    if missing := [name for name in (TIMESTAMP, AMOUNT) if name not in columns]:
        raise ValueError(f"must name a column for {' and '.join(missing)}")
    return ColumnMap(columns, constants)


def _check_pair(pair: str, name: str, value: str, *, is_constant: bool) -> None:
    if not value:
        raise ValueError(f"has {quote(pair)}, which is neither NAME=COLUMN nor NAME==VALUE")
    if name not in NAMES:
        raise ValueError(f"has {quote(name)}, which is not one of {', '.join(NAMES)}")
    if is_constant and name in COLUMNS_ONLY:
        raise ValueError(f"must name a column for {name}, not a value")


def guess_map(headers: Sequence[str]) -> str:
    """Return the map to try for a table with these headers; the user replaces the text in <>."""
    left = list(headers)
    pairs = []
    for name, words in GUESSES.items():
        found = next((header for word in words for header in left if word in header.casefold()), None)
        if found is not None:
            left.remove(found)
            pair = f"{name}={found}"
            pairs.append(f'"{pair}"' if "," in pair else pair)
        elif name == "currency":
            pairs.append("currency==USD")
        elif name in {TIMESTAMP, AMOUNT}:
            pairs.append(f"{name}=<COLUMN>")
    return ",".join(pairs)
