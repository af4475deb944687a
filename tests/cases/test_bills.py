"""Deliveries of bills in the shapes that they really come in, run as a person would run them."""

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from flask.testing import FlaskClient

from kumo import services, settings
from tests.cases.command import run_kumo
from tests.clients import client_of

BILLS: Final = Path(__file__).parent / "bills"
CASES: Final = json.loads((BILLS / "expected.json").read_text())
# What `must` calls a split of the totals, and how the API calls it.
SPLITS: Final = {"by_service": "service", "by_account": "account"}

Money = dict[str, dict[str, Decimal]]


@dataclass
class Outcome:
    """The output of a case's commands, and the exit code of the last one."""

    exit: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.said)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_delivery_comes_to_what_it_should(case: dict[str, Any], redis_url: str) -> None:
    outcome = _run(case["commands"], redis_url)
    assert "Traceback" not in outcome.text
    built = services.build(settings.load({"REDIS_URL": redis_url}))
    must = case["must"]
    with client_of(built) as client:
        if must["refused_ok"] and outcome.exit != must.get("exit", 0):
            _check_refusal(client, must, outcome)
        else:
            assert outcome.exit == must.get("exit", 0), outcome.text
            _check_stored(client, must, outcome)


def _run(commands: list[list[str]], redis_url: str) -> Outcome:
    outcome = Outcome()
    for command in commands:
        found = run_kumo(*command, cwd=BILLS, REDIS_URL=redis_url)
        outcome.exit = found.returncode
        outcome.said += [found.stdout, found.stderr]
    return outcome


def _check_refusal(client: FlaskClient, must: dict[str, Any], outcome: Outcome) -> None:
    """Check a refusal: it gives one of the expected reasons, and nothing is stored."""
    assert _says(must["says"], outcome.text), outcome.text
    assert _split(client, "none") == {}


def _check_stored(client: FlaskClient, must: dict[str, Any], outcome: Outcome) -> None:
    assert _split(client, "none").get("all", {}) == _exact(must["totals"])
    for name, dimension in SPLITS.items():
        if name in must:
            assert _split(client, dimension) == {key: _exact(money) for key, money in must[name].items()}
    if "by_month" in must:
        assert _split(client, "none", months=True) == {key: _exact(money) for key, money in must["by_month"].items()}
    if "excluded" in must:
        assert _sum_excluded(client) == _exact(must["excluded"])
    if "anomalies" in must:
        found = client.get("/anomalies/", query_string={"limit": 1000}).get_json()
        assert sum(row["status"] != "withdrawn" for row in found) == must["anomalies"]
    imports = client.get("/imports/").get_json()
    if "rows" in must:
        assert sum(row["rows"] for row in imports) == must["rows"]
    if must.get("note"):
        notes = "\n".join(note for row in imports for note in row["notes"])
        assert _says(must["says"], outcome.text + notes), outcome.text + notes


def _split(client: FlaskClient, by: str, *, months: bool = False) -> Money:
    query = {"by": by, "from": "2026-01-01", "to": "2026-12-31"}
    found: Money = {}
    for row in client.get("/costs/summary", query_string=query).get_json():
        money = found.setdefault(row["date"][:7] if months else row["key"] or "all", {})
        money[row["currency"]] = money.get(row["currency"], Decimal(0)) + Decimal(row["amount_exact"])
    return found


def _sum_excluded(client: FlaskClient) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in client.get("/costs/", query_string={"status": "excluded", "limit": 1000}).get_json():
        found[row["currency"]] = found.get(row["currency"], Decimal(0)) + Decimal(row["amount_exact"])
    return found


def _exact(money: dict[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in money.items()}


def _says(patterns: list[str], text: str) -> bool:
    """Return whether a text matches one of the patterns, without the names of files."""
    for path in sorted(BILLS.rglob("*"), key=lambda each: -len(each.name)):
        text = text.replace(path.name, "FILE")
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
