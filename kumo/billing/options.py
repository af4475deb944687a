"""The options and limits of reading a bill."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kumo.billing.column_map import ColumnMap

MEBIBYTE: Final = 1 << 20


def ignore(_consumed: int) -> None:
    """Ignore the progress."""


@dataclass(frozen=True, slots=True)
class Options:
    """Answers for files that leave something open, limits against malicious files, and the callback of the progress.

    With a `step`, in ms, rows of Parquet that differ only in numbers and the time within it may come as one.
    `currency` and `account` are for rows without one, `columns` for tables of unknown formats. `tag_keys`
    are the wanted tags, in any spelling: others need not be read; None means all.

    All files of a delivery together: `max_bytes` limits the decompressed size, `max_records` the records, `max_totals`
    their totals. `max_ratio` limits decompressed to compressed size beyond `ratio_from` bytes:
    deflate reaches 1032, real bills stay below 60. Each file: `max_line` limits a line of text,
    `max_document` a JSON document that must be read completely, `max_values` the values in it.

    `pulse` receives the number of bytes read from disk, after a megabyte or less, and after each
    thousand records. An error from it ends the reading.
    """

    currency: str = ""
    account: str = ""
    columns: ColumnMap | None = None
    tag_keys: tuple[str, ...] | None = None
    step: int = 0
    max_bytes: int = 64 << 30
    max_records: int = 1_000_000_000
    max_totals: int = 10_000_000
    max_ratio: int = 300
    ratio_from: int = 64 * MEBIBYTE
    max_line: int = MEBIBYTE
    max_document: int = 32 * MEBIBYTE
    max_values: int = 2_000_000
    pulse: Callable[[int], None] = ignore
