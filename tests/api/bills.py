"""A month of made-up bills, and what listings of them must show, worked out without Kumo."""

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient

Row = dict[str, Any]

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = {
    "service": ["EC2", "S3", "RDS & more", "\U0001f4a5/=?"],
    "provider": ["AWS", "GCP", ""],
    "account": ["production", "test", ""],
    "region": ["eu-west-1", ""],
    "currency": ["USD", "EUR"],
}


def bills(count: int = 400) -> list[Row]:
    """Return bills of up to 144 series, many of them at the same hour."""
    chance = random.Random(7)
    return [
        {name: chance.choice(values) for name, values in NAMES.items()}
        | {
            "amount": f"{chance.randrange(-5_000_000, 10**9)}e-6",
            "timestamp": (START + timedelta(hours=chance.randrange(30 * 24) // 8 * 8)).isoformat(),
        }
        for _ in range(count)
    ]


def record(client: FlaskClient, rows: list[Row]) -> list[Row]:
    """Send bills as a batch; returns them with their ids, the one to be listed first first."""
    ids = client.post("/ingest/batch", json=rows).get_json()["ids"]
    known = (row | {"id": found} for row, found in zip(rows, ids, strict=True))
    return sorted(known, key=place, reverse=True)


def place(row: Row) -> tuple[float, str]:
    """Return the order of the list: time, then id."""
    return moment(row), row["id"]


def moment(row: Row) -> float:
    return datetime.fromisoformat(row["timestamp"]).timestamp()


def exact(row: Row) -> Decimal:
    return Decimal(row["amount"])


def ids(rows: Iterable[Row]) -> list[str]:
    return [row["id"] for row in rows]


def listed(client: FlaskClient, path: str, **query: str | int) -> list[Row]:
    """Return the rows of one answer."""
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200, answer.text
    rows: list[Row] = answer.get_json()
    return rows


def paged(client: FlaskClient, path: str, **query: str | int) -> list[Row]:
    """Return the rows of all pages."""
    return followed(client, path, query, lambda _: None)


def followed(client: FlaskClient, path: str, query: Mapping[str, str | int], see: Callable[[str], object]) -> list[Row]:
    """Follow the next links from the first page to the last, showing each to `see`."""
    answer = client.get(path, query_string=query)
    rows: list[Row] = answer.get_json()
    while "Link" in answer.headers:
        link = answer.headers["Link"]
        assert link.startswith("<")
        assert link.endswith('>; rel="next"')
        see(link)
        answer = client.get(link[1:].partition(">")[0])
        assert answer.status_code == 200, answer.text
        rows += answer.get_json()
    return rows
