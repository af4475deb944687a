"""What a caller may say about a bill, and how much of one it is ready to take."""

from dataclasses import dataclass
from typing import Final

from kumo.billing.column_map import ColumnMap

MEBIBYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Options:
    """Answers to what some files leave open, and limits against files made to hurt.

    `currency` and `account` are for rows that name none, `columns` for tables of no format that Kumo knows.
    `max_bytes` bounds the decompressed size. `max_ratio` bounds decompressed to compressed size once more than
    `ratio_from` bytes came out: deflate reaches 1032, real bills stay below 60. `max_line` bounds a line of text,
    `max_document` a JSON document that must be read as a whole.
    """

    currency: str = ""
    account: str = ""
    columns: ColumnMap | None = None
    max_bytes: int = 64 << 30
    max_ratio: int = 300
    ratio_from: int = 64 * MEBIBYTE
    max_line: int = MEBIBYTE
    max_document: int = 32 * MEBIBYTE
