"""CSV: the fast reader gives the same as a csv.reader."""

import csv
import io
import json
from contextlib import ExitStack
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kumo.billing import Row, open_bill
from kumo.billing.csv_table import CsvTable
from kumo.billing.errors import BillError
from kumo.billing.options import Options
from kumo.billing.sources import Allowance, unpack
from tests.billing.samples import AZURE, FOCUS, written

# Longer than the part that is checked for binary data, so that a NUL may follow.
HEADER = f"Date,Cost,{'Service' * 10}\n"
WIDTH = 3
Outcome = tuple[list[tuple[int, list[str]]], int | None]


def read(text: str) -> Outcome:
    """Read the records below the header, each with its line, and the line of the error if there is one."""
    rows = []
    with ExitStack() as owned:
        table = CsvTable(
            unpack(io.BytesIO(text.encode()), "bill.csv", Allowance(Options()), owned), Options(), lambda _: True
        )
        try:
            for cells in table.records():
                rows.append((table.row, list(cells)))  # noqa: PERF401 - those before an error count too
        except BillError:
            return rows, table.row
    return rows, None


def read_plainly(text: str) -> Outcome:
    """Read the same with a csv.reader alone."""
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    next(reader)
    try:
        for cells in reader:
            if len(cells) == WIDTH or (len(cells) > WIDTH and not any(cells[WIDTH:])):
                rows.append((reader.line_num, cells[:WIDTH]))
            elif cells:
                return rows, reader.line_num
    except csv.Error:
        return rows, reader.line_num
    return rows, None


@given(st.text(st.sampled_from('ab,,""\r\n\n ü'), max_size=60))
@example('a,"b\n\nb",c\r\n\r\n"x,""y""",,\na,b,c')
@example('a,b,"c')
@example('a,b,c\n""\n')
@example('a,b,c"\n,,"d""\n')
def test_records_and_their_lines_are_those_of_a_csv_reader(body: str) -> None:
    assert read(HEADER + body) == read_plainly(HEADER + body)


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0\ufeff"), max_size=8), min_size=WIDTH, max_size=WIDTH),
        max_size=8,
    )
)
def test_what_was_written_comes_back(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    file.write(HEADER)
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    assert [cells for _, cells in read(file.getvalue().encode("utf-8", "replace").decode())[0]] == [
        [cell.encode("utf-8", "replace").decode() for cell in row] for row in rows
    ]


def rows_of(text: str) -> list[Row]:
    with open_bill(io.BytesIO(text.encode()), "bill.csv") as bill:
        return list(bill)


def notes_of(text: str) -> list[str]:
    with open_bill(io.BytesIO(text.encode()), "bill.csv") as bill:
        list(bill)
        return [note.text for note in bill.notes]


BILL = written(FOCUS).decode()
AZURE_BILL = written(AZURE | {"Tags": ""}).decode()


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + BILL,
        BILL.replace("\n", "\n\ufeff"),
        BILL.replace("0001", "\ufeff0001"),
        BILL + BILL.splitlines()[-1].replace("2026", "\ufeff2026"),
    ],
)
def test_byte_order_marks_belong_to_no_cell_wherever_they_stand(text: str) -> None:
    assert {row.line.billing_account for row in rows_of(text)} == {"0001"}


def test_a_byte_order_mark_within_json_belongs_to_no_value() -> None:
    line = json.dumps(FOCUS)
    assert len(rows_of(f"\ufeff{line}\n\ufeff{line}\n")) == 2
    assert len(rows_of(f"\ufeff[{line},\n{line}]")) == 2


@pytest.mark.parametrize("text", [BILL.replace("Amazon EC2", "Amazon\0EC2"), BILL.replace('""env""', '""e\nn\0v""')])
def test_a_nul_byte_is_refused(text: str) -> None:
    with pytest.raises(BillError, match="contains a NUL byte"):
        rows_of(text)


def test_titles_above_the_header_are_left_out_and_said() -> None:
    text = f"Usage Data Extract,,,\r\n\r\nEnrollment,8611537\r\n{AZURE_BILL}"
    assert [row.amount for row in rows_of(text)] == [Decimal("2.5")]
    assert notes_of(text) == ["3 lines above the header were left out"]


def test_a_file_of_no_known_header_is_refused_by_its_first_line() -> None:
    with pytest.raises(BillError, match="has an unknown format"):
        rows_of("Account,Value\n" + "a,1\n" * 40 + BILL)


@pytest.mark.parametrize("tags", [r'"{\"env\":\"a, b\"}"', r'"{\"env\":\"\"}"', '"{\\"env\\":\\"a\nb\\"}"'])
def test_quotes_after_a_backslash_are_read_as_spark_writes_them(tags: str) -> None:
    line = ",".join({**FOCUS, "Tags": tags}.values())
    plain = ",".join({**FOCUS, "Tags": ""}.values())
    found = rows_of(f"{BILL}{line}\n{plain}\n{line}\n")
    assert [sorted(row.tags) for row in found] == [["env"], ["env"], [], ["env"]]
    assert "quotes are escaped by a backslash, as Spark writes them" in notes_of(f"{BILL}{line}\n")


def test_a_backslash_before_a_closing_quote_is_a_backslash_where_quotes_are_doubled() -> None:
    line = ",".join({**FOCUS, "ResourceId": '"C:\\"', "Tags": '"{""env"": ""prod""}"'}.values())
    _, second = rows_of(f"{BILL}{line}\n")
    assert (second.resource, second.tags) == ("C:\\", {"env": "prod"})


def test_a_row_short_by_empty_cells_at_its_end_is_read() -> None:
    line = ",".join(list(FOCUS.values())[:11])
    assert [row.tags for row in rows_of(f"{BILL}{line}\n{BILL.splitlines()[-1]}\n")][1] == {}


@pytest.mark.parametrize("cells", [2, 1])
def test_a_row_that_lacks_what_each_must_have_is_refused(cells: int) -> None:
    line = ",".join(list(FOCUS.values())[:cells])
    with pytest.raises(BillError, match=f"has {cells} fields where the header has"):
        rows_of(f"{BILL}{line}\n{BILL.splitlines()[-1]}\n")


def test_a_last_line_that_may_be_cut_off_is_refused() -> None:
    with pytest.raises(BillError, match="has 11 fields where the header has"):
        rows_of(BILL + ",".join(list(FOCUS.values())[:11]))


def semicolons(*costs: str) -> str:
    rows = [AZURE | {"Tags": "", "CostInBillingCurrency": cost} for cost in costs]
    return "".join(";".join(cells) + "\n" for cells in [AZURE, *(row.values() for row in rows)])


def test_a_decimal_comma_is_read_where_semicolons_stand_between_cells() -> None:
    text = semicolons("10,5", "1.234,50", "-1,86E-3", "7")
    assert [row.amount for row in rows_of(text)] == [
        Decimal("10.5"),
        Decimal("1234.50"),
        Decimal("-0.00186"),
        Decimal(7),
    ]
    assert "amounts have a decimal comma" in notes_of(text)


@pytest.mark.parametrize("costs", [("10,5", "1.234"), ("10.5", "1,234")])
def test_a_decimal_comma_beside_a_decimal_point_is_refused(costs: tuple[str, str]) -> None:
    with pytest.raises(BillError, match="it is unclear which one separates thousands"):
        rows_of(semicolons(*costs))


def test_an_amount_with_a_comma_where_commas_stand_between_cells_is_refused() -> None:
    with pytest.raises(BillError, match="a decimal comma is allowed only if cells"):
        rows_of(BILL.replace("1.25", '"1,25"'))
