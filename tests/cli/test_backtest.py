"""`python -m kumo backtest`, as a process and in this one."""

import csv
import gzip
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kumo.cli.main import main
from kumo.engine.backtest import history
from kumo.errors import InvalidHistoryError
from tests.cli.test_main import kumo

HEADER = "series_id,timestamp,value"


def bill(name: str = "db", jump: str = "250.0") -> list[str]:
    """Forty days around 50 and a jump, as rows."""
    days = [f"2026-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(41)]
    amounts = [f"{50 + day % 3}.50" for day in range(40)]
    return [f"{name},{day},{amount}" for day, amount in zip(days, [*amounts, jump], strict=True)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.csv"


def written(path: Path, rows: list[str], header: str = HEADER) -> str:
    path.write_text("\n".join([header, *rows]) + "\n")
    return str(path)


def offline(*arguments: str, **environ: str) -> tuple[int, str, str]:
    """Run the command with a Redis named that does not exist."""
    found = kumo("backtest", *arguments, REDIS_URL="redis://127.0.0.1:1", **environ)
    return found.returncode, found.stdout, found.stderr


def test_it_says_what_would_have_been_told(path: Path) -> None:
    code, out, err = offline(written(path, bill()), "--detector", "zscore")
    assert (code, err) == (0, "")
    assert out == (
        "41 rows, 1 series, 1.4 series-months.\n"
        "threshold 3, window 100, min_history 10.\n"
        "detector  alerts  a series-month  anomalies\n"
        "zscore         1           0.692          1\n"
    )


def test_each_verdict_can_be_written_in_the_order_and_words_of_the_input(path: Path, tmp_path: Path) -> None:
    rows = [row for pair in zip(bill("db"), bill("web", "51.50"), strict=True) for row in pair]
    out = tmp_path / "out.csv"
    assert offline(written(path, rows), "--detector", "zscore", "--out", str(out))[0] == 0
    found = list(csv.DictReader(out.read_text().splitlines()))
    assert [f"{row['series_id']},{row['timestamp']},{row['value']}" for row in found] == rows
    assert list(found[0].values())[3:] == ["", "", "learning", "0"]
    last = found[-2]
    assert (last["status"], last["alert"], last["z"]) == ("anomaly", "1", last["score"])
    assert repr(float(last["z"])) == last["z"]
    assert [row["alert"] for row in found].count("1") == 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["history.csv", "out.csv"]


def test_rows_on_stdout_leave_the_summary_to_stderr(path: Path) -> None:
    code, out, err = offline(written(path, bill()), "--out", "-")
    assert code == 0
    assert len(out.splitlines()) == 42
    assert err.startswith("41 rows, 1 series")


def test_a_full_disk_is_one_line(path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("only Linux has a device that is always full")
    code, out, err = offline(written(path, bill()), "--out", str(full))
    assert (code, out, err) == (1, "", "Error: Could not open file '/dev/full': No space left on device\n")


def test_detectors_are_compared_in_one_run_with_labels_scored_by_event(path: Path) -> None:
    rows = [f"{row},{int(row.endswith('250.0'))}" for row in bill("db") + bill("web")]
    code, out, _ = offline(written(path, rows, HEADER + ",label"), "--detector", "zscore", "--detector", "adaptive")
    assert code == 0
    lines = [line.split() for line in out.splitlines()[3:]]
    assert [line[0] for line in lines] == ["zscore", "adaptive"]
    assert [line[4:] for line in lines] == [["2/2", "0", "1.000", "1.000"]] * 2


def test_settings_can_be_set_for_the_run_and_are_refused_as_settings_are(path: Path) -> None:
    name = written(path, bill())
    assert " 0.000 " in offline(name, "--set", "threshold=500")[1]
    for change, sentence in (
        ("threshold=-1", "KUMO_THRESHOLD is '-1'; allowed: a number above 0"),
        ("window=1", "KUMO_WINDOW is '1'; allowed: a whole number from 2 to 1000"),
        ("window=5", "KUMO_MIN_HISTORY is 10; allowed: at most KUMO_WINDOW, which is 5"),
        ("colour=5", "--set 'colour=5' is not NAME=VALUE; names are threshold, window, min_history"),
        ("window=", "--set 'window=' is not NAME=VALUE; names are threshold, window, min_history"),
    ):
        assert offline(name, "--set", change)[::2] == (1, f"kumo: {sentence}\n")
    assert "window 20, min_history 4." in offline(name, "--set", "window=20", KUMO_MIN_HISTORY="4")[1]


@pytest.mark.parametrize(
    "arguments", [["--detector", "best"], ["--detector", "zscore", "--detector", "adaptive", "--out", "-"]]
)
def test_what_makes_no_sense_is_a_wrong_use(path: Path, arguments: list[str]) -> None:
    assert offline(written(path, bill()), *arguments)[0] == 2
    assert offline(str(path) + ".none")[0] == 2


REFUSED = {
    "": "x.csv is empty; it needs a header with series_id, timestamp, value.",
    "series_id;timestamp;value\n": "x.csv, line 1: has no column series_id, timestamp, value; "
    "it has 'series_id;timestamp;value'.",
    "series_id,value\n": "x.csv, line 1: has no column timestamp; it has 'series_id, value'.",
    f"{HEADER},value\n": "x.csv, line 1: has the column value more than once.",
    f"{HEADER}\na,2026-01-01,1\na,2026-01-02\n": "x.csv, line 3: has 2 columns, the header has 3.",
    f"{HEADER}\n,2026-01-01,1\n": "x.csv, line 2, column series_id: must not be empty; it is ''.",
    f"{HEADER}\n\na,2026-02-30,1\n": "x.csv, line 3, column timestamp: must be a time that exists; it is '2026-02-30'.",
    f"{HEADER}\na,01/02/2026,1\n": "x.csv, line 2, column timestamp: must be a date or an RFC 3339 time, "
    "such as 2026-01-31 or 2026-01-31T09:00:00Z; it is '01/02/2026'.",
    f"{HEADER}\na,2026-01-01,NaN\n": "x.csv, line 2, column value: must be a decimal number such as 12.50, "
    "without separators or currency signs; it is 'NaN'.",
    f"{HEADER}\na,2026-01-01,1e13\n": "x.csv, line 2, column value: must be between -1000000000000 and 1000000000000; "
    "it is '1e13'.",
    f"{HEADER},label\na,2026-01-01,1,yes\n": "x.csv, line 2, column label: must be 0 or 1; it is 'yes'.",
    f'{HEADER}\na,2026-01-01,"1\n': "x.csv, line 2: is not CSV: unexpected end of data.",
}


def arrivals(data: bytes) -> list[tuple[str, int, int]]:
    past = history.read_csv(io.BufferedReader(io.BytesIO(data)), "x.csv")
    return [
        (past.series[number].text, timestamp, amount)
        for number, timestamp, amount in zip(past.numbers, past.timestamps, past.amounts, strict=True)
    ]


@pytest.mark.parametrize(("text", "sentence"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_bad_file_is_refused_by_line_and_column(text: str, sentence: str) -> None:
    with pytest.raises(InvalidHistoryError) as refused:
        arrivals(text.encode())
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "data",
    [b"series_id,\xff", f"{HEADER}\n\u00e9,".encode("utf-16"), gzip.compress(HEADER.encode())[:-9], b"\x1f\x8bno"],
    ids=["no UTF-8", "UTF-16", "cut", "no gzip"],
)
def test_a_file_that_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidHistoryError, match=r"x\.csv, after line 0: is (not UTF-8|damaged)"):
        arrivals(data)


def test_what_other_programs_write_is_read() -> None:
    rows = [
        "1,a,2026-01-01,1,note",
        '2,"a,b",2026-01-01T00:00:00,  2.50,',
        "3,a,2026-01-01T01:00:00+01:00,-3,x",
        "4,a,2026-01-01 00:00:00.000,1e0,",
    ]
    text = "\r\n".join(["no,series_id,timestamp,value,note", *rows])
    midnight = 1_767_225_600_000
    expected = [(name, midnight, amount * 10**5) for name, amount in (("a", 10), ("a,b", 25), ("a", -30), ("a", 10))]
    assert arrivals(text.encode("utf-8-sig")) == expected
    assert arrivals(gzip.compress(text.encode())) == expected


def test_a_header_alone_is_an_empty_history(path: Path) -> None:
    code, out, _ = offline(written(path, []))
    assert code == 0
    assert out.startswith("0 rows, 0 series, 0.0 series-months.")


def test_a_refusal_leaves_what_was_written_before_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = written(path, [*bill(), "db,2026-03-01,"])
    out = path.with_name("out.csv")
    out.write_text("before")
    monkeypatch.setattr(sys, "argv", ["kumo", "backtest", name, "--out", str(out)])
    with pytest.raises(SystemExit) as left:
        main()
    assert str(left.value).startswith(f"kumo: {name}, line 43, column value: must be a decimal number")
    assert out.read_text() == "before"
    assert len(list(path.parent.iterdir())) == 2


def test_the_example_in_the_documents_is_what_comes_out(path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "detection.md").read_text().partition("## Backtest")[2]
    script, table, rows = re.findall(r"```(?:python|text)\n(.*?)```", page, re.DOTALL)
    made = subprocess.run([sys.executable, "-"], input=script, capture_output=True, text=True, check=True)
    path.write_text(made.stdout)
    assert offline(str(path), "--detector", "zscore", "--detector", "adaptive")[1] == table
    assert set(rows.splitlines()) < set(offline(str(path), "--detector", "adaptive", "--out", "-")[1].splitlines())


def test_without_a_file_the_stored_costs_are_replayed(redis_url: str) -> None:
    from kumo import services as composition
    from kumo import settings
    from kumo.domain.entries import Entry, Series
    from kumo.engine import ingest
    from tests.engine.detection.arrivals import START

    services = composition.build(settings.load({"REDIS_URL": redis_url}))
    series = Series("AWS EC2", "USD")
    amounts = [50_000_000 + day % 3 * 10**6 for day in range(30)] + [500_000_000]
    ingest.ingest(services, [Entry(series, amount, START + day) for day, amount in enumerate(amounts)])
    found = kumo("backtest", "--out", "-", REDIS_URL=redis_url)
    assert found.returncode == 0
    rows = found.stdout.splitlines()
    assert len(rows) == 32
    assert rows[-1].startswith(f"{series.id},2025-06-15T15:06:40.030Z,500,")
    assert rows[-1].endswith(",anomaly,1")
