"""Histories in CSV, as they are read for a replay."""

import gzip
import io

import pytest

from kumo.domain.entries import DAY_MS, Series
from kumo.engine.backtest.history import read_csv
from kumo.engine.backtest.rows import History
from kumo.errors import InvalidHistoryError

HEADER = "series_id,timestamp,value\n"
DAY = 1_769_817_600_000  # 2026-01-31


def read(text: str | bytes) -> list[tuple[int, str, int, int, bool | None]]:
    """Return what is read of each row: number, series, time in ms, micros and label."""
    content = text if isinstance(text, bytes) else text.encode()
    found = open_csv(content)
    labels = [None] * len(found) if found.labels is None else map(bool, found.labels)
    texts = [found.series[number].text for number in found.numbers]
    return [
        (place + 1, text, timestamp, amount, label)
        for place, (text, timestamp, amount, label) in enumerate(
            zip(texts, found.timestamps, found.amounts, labels, strict=True)
        )
    ]


def open_csv(content: bytes) -> History:
    return read_csv(io.BufferedReader(io.BytesIO(content)), "h.csv")  # type: ignore[arg-type]


def read_series(header: str, *rows: str) -> list[Series]:
    """Return the series of a history with more columns."""
    return [named.series for named in open_csv("\n".join([f"{HEADER.strip()},{header}", *rows]).encode()).series]


def refuse(text: str | bytes) -> str:
    """Return why a history is refused."""
    with pytest.raises(InvalidHistoryError) as caught:
        read(text)
    return str(caught.value)


def test_rows_are_numbered_in_order_without_blank_ones() -> None:
    text = f"{HEADER}\na,2026-01-31,1.5\n\nb,2026-02-01T00:00:00.001+00:00,-0.000001\n"
    assert read(text) == [(1, "a", DAY, 1_500_000, None), (2, "b", DAY + DAY_MS + 1, -1, None)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda text: b"\xef\xbb\xbf" + text])
def test_a_history_may_be_packed_or_begin_with_a_byte_order_mark(pack: object) -> None:
    assert callable(pack)
    assert len(read(pack(f"{HEADER}a,2026-01-31,1\n".encode()))) == 1


def test_columns_may_stand_in_any_order_beside_others_and_with_labels() -> None:
    text = " value ,note,label,timestamp,series_id\n1,x, 1 ,2026-01-31,a\n2,,0,2026-01-31,a\n"
    assert [row[3:] for row in read(text)] == [(1_000_000, True), (2_000_000, False)]


def test_a_history_of_a_header_alone_has_no_entries() -> None:
    assert read(HEADER) == []


@pytest.mark.parametrize(
    ("text", "timestamp"),
    [
        ("2026-01-31", DAY),
        (" 2026-01-31 ", DAY),
        ("2026-01-31T02:00:00+02:00", DAY),
        ("2026-01-31 00:00:00", DAY),
        ("2026-01-31t00:00:00.5z", DAY + 500),
        ("1970-01-01", 0),
    ],
)
def test_a_time_without_an_offset_is_in_utc(text: str, timestamp: int) -> None:
    assert read(f"{HEADER}a,{text},1\n")[0][2] == timestamp


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("", "h.csv is empty"),
        ("\n\n", "h.csv is empty"),
        ("series_id,value\n", "line 1: has no column timestamp"),
        ("Series_ID,timestamp,value\n", "line 1: has no column series_id"),
        ("series_id,timestamp,value,value\n", "has the column value more than once"),
        ("series_id,timestamp,value,label, label\n", "has the column label more than once"),
    ],
)
def test_a_header_that_does_not_do_is_refused(header: str, told: str) -> None:
    assert told in refuse(header)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,2026-01-31", "line 3: has 2 columns, the header has 4"),
        ("a,2026-01-31,1,0,5", "line 3: has 5 columns"),
        (",2026-01-31,1,0", "line 3, column series_id: must not be empty; it is ''"),
        ("a,2026-02-30,1,0", "line 3, column timestamp"),
        ("a,2026-01-31Z,1,0", "line 3, column timestamp"),
        ("a,31.01.2026,1,0", "line 3, column timestamp"),
        ("a,1969-12-31,1,0", "line 3, column timestamp"),
        ("a,,1,0", "line 3, column timestamp"),
        ('a,2026-01-31,"1,5",0', "line 3, column value"),
        ("a,2026-01-31,NaN,0", "line 3, column value"),
        ("a,2026-01-31,1e13,0", "line 3, column value"),
        ("a,2026-01-31,,0", "line 3, column value"),
        ("a,2026-01-31,1,2", "line 3, column label: must be 0 or 1; it is '2'"),
        ("a,2026-01-31,1,", "line 3, column label"),
        (f"a,{'x' * 10_000},1,0", "line 3, column timestamp"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_line_and_column(row: str, told: str) -> None:
    why = refuse(f"series_id,timestamp,value,label\nb,2026-01-31,1,0\n{row}\n")
    assert told in why
    assert len(why) < 400


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"{HEADER}a,2026-01-31,1\n".encode() + b"\xff\xfe,", "is not UTF-8 text"),
        (f'{HEADER}"a,2026-01-31,1\n'.encode(), "is not CSV"),
        (gzip.compress((HEADER + "a,2026-01-31,1\n" * 1000).encode())[:-10], "is damaged or incomplete"),
        (f"{HEADER}{'a' * 200_000},2026-01-31,1\n".encode(), "is not CSV"),
    ],
    ids=["encoding", "quote", "packing", "length"],  # a packed text holds the time of its packing
)
def test_a_file_that_is_damaged_is_refused(content: bytes, told: str) -> None:
    assert told in refuse(content)


@pytest.mark.parametrize(("header", "labelled"), [(HEADER, False), ("series_id,timestamp,value,label\n", True)])
def test_a_history_says_whether_anomalies_are_marked_in_it(header: str, *, labelled: bool) -> None:
    assert (open_csv(header.encode()).labels is not None) is labelled


def test_a_series_without_account_is_an_account_and_a_service_of_its_own() -> None:
    assert read_series("note", "web,2026-01-31,1,x", "db|eu,2026-01-31,1,x") == [
        Series("web", "USD", account="web"),
        Series("db", "USD", account="db", region="eu"),
    ]


def test_columns_name_what_a_series_belongs_to() -> None:
    found = read_series("account,service,region,currency", "a,2026-01-31,1,main,S3,eu,EUR", "a|us,2026-01-31,1,,,,")
    assert found == [Series("S3", "EUR", account="main", region="eu"), Series("a", "USD", account="", region="us")]


def test_one_series_id_in_two_accounts_is_two_series() -> None:
    assert len(read_series("account", "a,2026-01-31,1,x", "a,2026-02-01,1,y", "a,2026-02-02,1,x")) == 2


def test_external_ids_are_read() -> None:
    found = open_csv(f"{HEADER.strip()},external_id\na,2026-01-31,1,x\na,2026-02-01,2,\na,2026-02-01,2,x\n".encode())
    assert found.external_ids == ["x", "", "x"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "a,2026-01-31,1,usd",
            "line 2, column currency: must be an ISO 4217 code in capitals",
        ),
        (f"a,2026-01-31,1,{'x' * 300}", "line 2, column currency"),
    ],
)
def test_a_currency_that_does_not_exist_is_refused(row: str, told: str) -> None:
    assert told in refuse(f"{HEADER.strip()},currency\n{row}\n")


def test_a_name_that_is_too_long_is_refused() -> None:
    assert "line 2, column account: must be at most" in refuse(
        f"{HEADER.strip()},account\na,2026-01-31,1,{'x' * 3000}\n"
    )
