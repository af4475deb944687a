"""What became of imports, as people and programs are told."""

from dataclasses import replace
from typing import Any

import pytest

from kumo.cli import report
from kumo.domain.imports import Failure, Figures, Import, ImportStatus, Scope

HERE = "http://kumo.example"
DONE = Import(
    7,
    "a.csv",
    status=ImportStatus.DONE,
    format="focus",
    rows=1234,
    added=Figures(2, {"EUR": "1.5", "USD": "-2"}),
    money={"EUR": "1.5", "USD": "-2"},
    scopes=(Scope("focus", "0042", "2026-09", "0001"),),
    first_day="2026-09-01",
    last_day="2026-09-30",
    notes=("7 records have no amount",),
    started_at=1_788_220_800_000,
)


def shown(row: Import, capsys: pytest.CaptureFixture[str], address: str = HERE) -> str:
    report.report(row, address)
    return capsys.readouterr().out


def test_a_done_import_is_a_table_with_its_notes_and_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(replace(DONE, left_out=3), capsys)
    for text in ("Import 7: a.csv", "1.5 EUR", "-2 USD", "1,234 rows", "2026-09-01 to 2026-09-30", "left out"):
        assert text in out
    assert "Note: 7 records have no amount.\n" in out
    assert out.endswith(f"{HERE}/dashboard/?from=2026-09-01&to=2026-09-30\n")


def test_names_and_amounts_are_shown_as_they_are_and_never_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(replace(DONE, name="[red]x[/red].csv", money={"[bold]X": "1"}), capsys)
    assert "[red]x[/red].csv" in out
    assert "1 [bold]X" in out


@pytest.mark.parametrize(
    ("changes", "has", "lacks"),
    [
        ({"last_day": "2026-09-01"}, "2026-09-01", " to "),
        ({"left_out": 0}, "anomalies", "left out"),
        ({"first_day": "", "last_day": ""}, "services", "dashboard"),
    ],
)
def test_a_table_has_no_row_or_link_for_what_there_is_not(
    changes: dict[str, Any], has: str, lacks: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shown(replace(DONE, **changes), capsys)
    assert has in out
    assert lacks not in out


@pytest.mark.parametrize("status", [status for status in ImportStatus if status is not ImportStatus.DONE])
def test_an_import_that_is_not_done_has_no_table(status: ImportStatus, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(replace(DONE, status=status), capsys) == ""


def test_the_same_bytes_again_are_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(replace(DONE, same_as="3"), capsys) == "a.csv: same as import 3, nothing to do.\n"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"status": ImportStatus.WAITING}, ""),
        (
            {"status": ImportStatus.FAILED, "error": Failure("is empty", "a.csv", 3)},
            "a.csv is refused, nothing of it is stored. a.csv, row 3: is empty\n",
        ),
        ({"status": ImportStatus.FORGOTTEN}, "a.csv: import 7 was forgotten before it ended.\n"),
    ],
)
def test_only_what_came_to_nothing_is_complained_about_on_the_standard_error(
    changes: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report.complain(replace(DONE, **changes))
    assert capsys.readouterr() == ("", said)


@pytest.mark.parametrize(
    ("row", "address", "link"),
    [
        (DONE, HERE, f"{HERE}/dashboard/?from=2026-09-01&to=2026-09-30"),
        (DONE, "", ""),
        (replace(DONE, first_day=""), HERE, ""),
    ],
)
def test_a_link_needs_days_and_an_address(row: Import, address: str, link: str) -> None:
    assert report.link_to(row, address) == link


def test_a_document_has_null_for_what_is_not_known() -> None:
    new = report.describe(Import(0, "a.csv"), "")
    assert {name for name, value in new.items() if value is None} == {
        *("id", "format", "source", "dataset", "digest", "first_day", "last_day", "same_as"),
        *("error", "started_at", "finished_at", "link"),
    }
    assert (new["rows"], new["anomalies"], new["scopes"], new["notes"]) == (0, 0, [], [])


def test_a_document_has_every_figure_and_nothing_of_later_versions() -> None:
    scope = replace(DONE.scopes[0], unknown={"later": 1})
    failed = replace(DONE, scopes=(scope,), error=Failure("is empty", row=3))
    document = report.describe(failed, HERE)
    assert (document["id"], document["started_at"]) == ("7", "2026-09-01T00:00:00.000Z")
    assert document["added"] == {"entries": 2, "money": {"EUR": "1.5", "USD": "-2"}}
    assert document["error"] == {"detail": "is empty", "file": "", "row": 3, "column": ""}
    assert document["scopes"] == [
        {"format": "focus", "account": "0042", "period": "2026-09", "billing_account": "0001", "source": ""}
    ]


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (DONE, "7\t2026-09-01 00:00\tdone\ta.csv\t2026-09-01–2026-09-30\t+2 -0 ~0\t1.5 EUR, -2 USD"),
        (
            replace(DONE, same_as="3", last_day="2026-09-01"),
            "7\t2026-09-01 00:00\tdone, as 3\ta.csv\t2026-09-01\t+2 -0 ~0\t1.5 EUR, -2 USD",
        ),
        (
            Import(1, "b", status=ImportStatus.FAILED, error=Failure("is empty")),
            "1\t1970-01-01 00:00\tfailed\tb\t\t+0 -0 ~0\tis empty",
        ),
    ],
)
def test_a_list_has_a_line_for_each_import(row: Import, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    report.list_lines([row])
    assert capsys.readouterr() == (f"{line}\n", "")


def test_a_list_of_none_says_so_on_the_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    report.list_lines([])
    assert capsys.readouterr() == ("", "There are no imports.\n")
