"""Records of JSON: one a line, in a list, or in the answer of an API."""

import io
import json
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from kumo.billing import BillError, Options
from kumo.billing.documents import JsonTable
from kumo.billing.sources import Allowance, unpack


def read(text: str | bytes, *names: str, options: Options | None = None) -> list[list[Any]]:
    """Return the cells of some columns, of each record."""
    content = text if isinstance(text, bytes) else text.encode()
    chosen = options or Options()
    with ExitStack() as owned:
        table = JsonTable(unpack(io.BytesIO(content), "bill.json", Allowance(chosen), owned), chosen)
        table.columns.find(*names)
        return [list(cells) for cells in table.records()]


def record(**values: object) -> dict[str, object]:
    """Return what is a record of a bill: it has a cost of its own."""
    return {"cost": 1} | values


@pytest.mark.parametrize(
    "text",
    [
        '{"cost": 1}\n{"cost": 2}\n',
        '{"cost": 1}\n\n  \n{"cost": 2}',
        '\n\n{"cost": 1}\r\n{"cost": 2}\r\n',
        '\ufeff{"cost": 1}\n\ufeff{"cost": 2}',
        '[{"cost": 1}, {"cost": 2}]',
        '[\n{"cost": 1},\n{"cost": 2}\n]',
        '[{"cost": 1}]\n[{"cost": 2}]\n',
    ],
)
def test_records_stand_in_lines_or_lists(text: str) -> None:
    assert read(text, "cost") == [[1], [2]]


def test_numbers_are_exact() -> None:
    digits = "0.12345678901234567890123456789012345678"
    assert read(f'{{"cost": {digits}}}', "cost") == [[Decimal(digits)]]
    assert read('{"cost": -1e-30}', "cost") == [[Decimal("-1e-30")]]


def test_nested_values_are_columns_with_dotted_names_to_a_depth() -> None:
    nested = record(a={"b": {"c": {"d": {"e": {"f": 1}}}}})
    [cells] = read(json.dumps(nested), "a", "ab", "abc", "abcd", "abcde", "abcdef")
    assert cells[:5] == [nested["a"], *(cells[place] for place in range(1, 5))]
    assert cells[4] == {"f": 1}
    assert cells[5] is None


def test_a_record_may_have_what_the_first_one_lacks_and_the_other_way_round() -> None:
    assert read('{"cost": 1}\n{"other": 2, "COST": 3}', "cost", "other") == [[1, None], [3, 2]]


def test_the_first_of_two_names_that_are_one_column_counts() -> None:
    assert read('{"cost": 1, "Co_st": 2, "co": {"st": 3}}', "cost") == [[1]]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('{"cost": 1}\n{"cost": ', 2),
        ('{"cost": 1}\n\nnonsense\n', 3),
        ('{"cost": 1}\n{"cost": NaN}', 2),
        ('{"cost": 1}\n{"cost": -Infinity}', 2),
        ("{", None),
        ('[{"cost": 1},', None),
        ('{"cost": NaN}', None),
        ("[" * 100_000, None),
        (f'{{"cost": {"9" * 10_000}}}', None),
    ],
)
def test_what_is_not_json_is_refused_with_its_line(text: str, row: int | None) -> None:
    with pytest.raises(BillError, match="JSON") as caught:
        read(text, "cost")
    assert caught.value.row == row


def test_a_byte_of_another_encoding_is_refused_with_its_line() -> None:
    with pytest.raises(BillError, match="0xfc") as caught:
        read(b'{"cost": 1}\n{"cost": "\xfc"}\n', "cost")
    assert caught.value.row == 2


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("[\n" + '{"cost": 1},\n' * 100 + '{"cost": 1}]', Options(max_document=1_000)),
        ('{"cost": 1, "x": [' + "1," * 2_000 + "1]}", Options(max_values=1_000)),
        ('{"cost": 1, "x": ' + "[" * 600 + '{"a": 1}' + "]" * 600 + "}", Options(max_values=300)),
    ],
)
def test_a_document_that_would_take_all_memory_is_refused(text: str, options: Options) -> None:
    with pytest.raises(BillError, match="send NDJSON"):
        read(text, "cost", options=options)
