"""What a caller may say about a bill, and how much of one it is ready to take."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kumo.billing.column_map import ColumnMap

MEBIBYTE: Final = 1 << 20


def ignore(_consumed: int) -> None:
    """Take no note of how far the reading is."""


@dataclass(frozen=True, slots=True)
class Options:
    """Answers to what some files leave open, limits against files made to hurt, and who is told how far reading is.

    With a `step`, in ms, rows of Parquet may come as one that differ in nothing but numbers and the time within it.
    `currency` and `account` are for rows that name none, `columns` for tables of no format that Kumo knows. `tag_keys`
    are the tags that are asked for, in any spelling: others need not be read; None asks for all.

    All files of a delivery together: `max_bytes` bounds the decompressed size, `max_records` the records, `max_totals`
    the sums that they add up to. `max_ratio` bounds decompressed to compressed size once more than `ratio_from` bytes
    came out: deflate reaches 1032, real bills stay below 60. Each file: `max_line` bounds a line of text,
    `max_document` a JSON document that must be read as a whole, `max_values` the values in it.

    `pulse` is told how many bytes were read, as they lie on disk: whenever a megabyte or less came out, and at each
    thousand records. What it raises ends the reading.
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
