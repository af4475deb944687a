"""Writing the table into docs/performance.md, between two marks; the text around it stays."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.bench import machine
from tests.bench.table import Row, markdown

BEGIN: Final = "<!-- bench: begin -->"
END: Final = "<!-- bench: end -->"


def write(path: Path, rows: Sequence[Row], how: str) -> None:
    """Put the table of this run in the place of the last one's."""
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    said = f"`{how}` on {datetime.now(tz=UTC):%Y-%m-%d}: {machine.described()}"
    table = "\n".join([said, "", *markdown(rows)])
    path.write_text(f"{before}{BEGIN}\n{table.rstrip()}\n{END}{after}", encoding="utf-8")
