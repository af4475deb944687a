"""CSV: what is read faster than by a csv.reader is read as one reads it."""

import csv
import io
from contextlib import ExitStack

from hypothesis import example, given
from hypothesis import strategies as st

from kumo.billing.errors import BillError
from kumo.billing.options import Options
from kumo.billing.sources import unpack
from kumo.billing.texts import CsvTable

# Longer than what is looked at to tell text from binary, so that a NUL may follow.
HEADER = f"Date,Cost,{'Service' * 10}\n"
WIDTH = 3
Outcome = tuple[list[tuple[int, list[str]]], int | None]


def read(text: str) -> Outcome:
    """Read the records below the header, each with its line, and the line of the error if there is one."""
    rows = []
    with ExitStack() as owned:
        table = CsvTable(unpack(io.BytesIO(text.encode()), "bill.csv", Options(), owned), Options())
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
            if len(cells) == WIDTH:
                rows.append((reader.line_num, cells))
            elif cells:
                return rows, reader.line_num
    except csv.Error:
        return rows, reader.line_num
    return rows, None


@given(st.text(st.sampled_from('ab,,""\r\n\n \0ü'), max_size=60))
@example('a,"b\n\nb",c\r\n\r\n"x,""y""",,\na,b,c')
@example('a,b,"c')
@example('a,b,c\n""\n')
@example('a,b,c"\n,,"d""\n')
def test_records_and_their_lines_are_those_of_a_csv_reader(body: str) -> None:
    assert read(HEADER + body) == read_plainly(HEADER + body)


@given(st.lists(st.lists(st.text(max_size=8), min_size=WIDTH, max_size=WIDTH), max_size=8))
def test_what_was_written_comes_back(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    file.write(HEADER)
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    assert [cells for _, cells in read(file.getvalue().encode("utf-8", "replace").decode())[0]] == [
        [cell.encode("utf-8", "replace").decode() for cell in row] for row in rows
    ]
