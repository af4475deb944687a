"""`--json`: each command prints its result as one JSON document on the standard output, and nothing else there."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_imports import BILL, REFUSED
from tests.cli.test_main import kumo
from tests.engine.imports.bills import simple

DAYS = [(day, service, 10 + day) for day in range(5) for service in ("EC2", "S3")]


@pytest.fixture
def bill(tmp_path: Path) -> str:
    path = tmp_path / "bill.csv"
    path.write_bytes(simple(DAYS))
    return str(path)


def told(*arguments: str, code: int = 0, **environ: str) -> Any:  # noqa: ANN401 - a document
    found = kumo(*arguments, "--json", **environ)
    assert found.returncode == code, found.stderr
    return json.loads(found.stdout)


def test_an_import_tells_days_services_money_what_is_learning_anomalies_and_a_link(redis_url: str, bill: str) -> None:
    public = "https://kumo.example/costs/"
    done, failed = told("import", bill, REFUSED, code=1, REDIS_URL=redis_url, KUMO_PUBLIC_URL=public)["imports"]
    assert (done["id"], done["status"], done["format"], done["rows"]) == ("1", "done", "focus", 10)
    assert (done["first_day"], done["last_day"], done["services"]) == ("2025-06-01", "2025-06-05", 2)
    assert (done["money"], done["learning"], done["anomalies"]) == ({"USD": "120"}, 10, 0)
    assert done["link"] == "https://kumo.example/costs/dashboard/?from=2025-06-01&to=2025-06-05"
    assert done["scopes"][0] == {
        "format": "focus",
        "account": "0042",
        "period": "2025-06",
        "billing_account": "0001",
        "source": "",
    }
    assert done["started_at"].endswith("Z")
    assert (failed["status"], failed["error"]["column"], failed["link"]) == ("failed", "PreTaxCost", None)
    listed = told("imports", REDIS_URL=redis_url)["imports"]
    assert [(row["id"], row["status"]) for row in listed] == [("2", "failed"), ("1", "done")]
    assert listed[1] == done | {"link": "http://127.0.0.1:8000/dashboard/?from=2025-06-01&to=2025-06-05"}
    (forgotten,) = told("imports", "--forget", "1", REDIS_URL=redis_url)["imports"]
    assert forgotten["status"] == "forgotten"


def test_the_table_of_an_import_ends_with_the_same(redis_url: str) -> None:
    said = kumo("import", BILL, REDIS_URL=redis_url).stdout
    lines = {line.strip("│ ").split("│")[0].strip(): line for line in said.splitlines()}
    assert "2024-09-01 to 2024-09-30" in lines["days"]
    assert "33" in lines["services"]
    assert "learning" in lines
    assert said.splitlines()[-1] == "http://127.0.0.1:8000/dashboard/?from=2024-09-01&to=2024-09-30"


def test_a_look_into_a_folder_tells_what_it_imported(redis_url: str, bill: str) -> None:
    folder = str(Path(bill).parent)
    (done,) = told("watch", folder, "--once", "--every", "0.1", REDIS_URL=redis_url)["imports"]
    assert (done["name"], done["status"]) == ("bill.csv", "done")
    assert kumo("watch", folder, "--json", REDIS_URL=redis_url).returncode == 2


def test_the_other_commands(redis_url: str, bill: str, tmp_path: Path) -> None:
    here = {"REDIS_URL": redis_url}
    kumo("import", bill, **here)
    assert told("verify", **here) == {
        "entries": 10,
        "series": 2,
        "differences": [],
        "verifiable_from": None,
        "groups_complete": True,
    }
    checked = told("check", **here)
    assert (checked["ok"], checked["wrong"], len(checked["warnings"]) > 0) == (True, [], True)
    key = told("keys", "add", "ci", "--scope", "read", **here)
    assert (key["name"], key["key"].startswith("kumo_ci_"), key["scopes"]) == ("ci", True, ["read"])
    (kept,) = told("keys", "list", **here)["keys"]
    assert (kept["name"], kept["scopes"]) == ("ci", ["read"])
    assert told("keys", "revoke", "ci", **here) == {"name": "ci"}
    replayed = told("backtest", "--detector", "zscore", **here)
    assert (replayed["rows"], replayed["series"], replayed["detectors"][0]["detector"]) == (10, 2, "zscore")
    file = str(tmp_path / "kumo.gz")
    counts = told("export", file, **here)["exported"]
    assert (counts["entries"], counts["series"]) == (10, 2)
    restored = told("restore", file, KUMO_DATA_DIR=str(tmp_path / "other"))
    assert (restored["restored"], restored["verified"]["differences"]) == (counts, [])


@pytest.mark.parametrize("arguments", [("export", "-"), ("backtest", "--out", "-")])
def test_what_has_the_standard_output_for_itself_takes_no_json(arguments: tuple[str, ...]) -> None:
    found = kumo(*arguments, "--json")
    assert (found.returncode, found.stdout) == (2, "")
