"""Each line runs, with sizes that say nothing about speed; the real run is `make bench`."""

import re
from pathlib import Path

import pytest

from tests.bench import document, load, processes
from tests.bench.__main__ import LINES, measured
from tests.bench.sizes import MINUTE
from tests.bench.table import Row, at_least, at_most, text


@pytest.mark.parametrize("line", LINES)
def test_a_line_runs_and_prints_its_rows(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(processes.ALWAYS, "WEB_CONCURRENCY", "1")
    rows = measured([line], MINUTE)
    printed = "\n".join(text(rows))
    for row in rows:
        assert len(row.measured) == 1
        assert row.measured[0] > 0
        assert row.name in printed
    assert any(row.result for row in rows)


def test_a_ratio_is_taken_round_by_round_and_its_median_judged() -> None:
    row = Row("line", "req/s", goal=at_least(0.85))
    for ours, theirs in ((80, 100), (180, 200), (900, 1000)):
        row.add(ours, theirs)
    assert row.ratios == [0.8, 0.9, 0.9]
    assert row.result == "pass"
    row.goal = at_most(0.85)
    assert row.result == "MISS"


def test_the_document_keeps_what_people_wrote(tmp_path: Path) -> None:
    document_path = tmp_path / "performance.md"
    document_path.write_text(f"before\n{document.BEGIN}\nold\n{document.END}\nafter\n")
    row = Row("line", "bytes", measured=[1.0], yardstick=[2.0], note="a note")
    document.write(document_path, [row], "make bench")
    written = document_path.read_text()
    assert re.match(rf"before\n{document.BEGIN}\n`make bench` on .*{document.END}\nafter\n", written, re.DOTALL)
    assert "old" not in written
    assert "- line: a note" in written


def test_a_percentile_is_a_value_that_occurred() -> None:
    assert load.percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert load.percentile([1.0], 0.99) == 1.0
    assert load.percentile([*range(1, 101)], 0.99) == 99
