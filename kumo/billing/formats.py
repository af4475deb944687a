"""The formats that Kumo knows, and recognising the one of a file."""

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from kumo.billing import (
    alibaba,
    aws_ce,
    aws_ce_json,
    aws_cur,
    azure,
    databricks,
    focus,
    gcp,
    oci,
    opencost,
    opencost_cloud,
    snowflake,
)
from kumo.billing.column_map import guess_map
from kumo.billing.context import Context
from kumo.billing.errors import BillError, quote
from kumo.billing.headers import Cells, Columns, Headers
from kumo.billing.mapped import MappedFormat
from kumo.billing.options import Options
from kumo.billing.row import Row

Mapping = Callable[[Cells], Sequence[Row]]
_SHOWN: Final = 30
# Text like a header, not a value: without signs of an assignment, a path or a secret.
_WORDS: Final = re.compile(r"(?!.*\d{5})[\w ./:()#%-]{0,60}")
_MONEY: Final = ("cost", "charge", "amount", "price", "credit", "spend", "kosten", "betrag")
_TIME: Final = ("date", "time", "day", "month", "period", "datum", "zeit")


class Format(Protocol):
    """The interface of a format module: how to recognise it, and how its records become rows."""

    @property
    def SOURCE(self) -> str:  # noqa: N802 - a constant of the module
        """The short name, as in the scope of its rows."""

    @property
    def TITLE(self) -> str:  # noqa: N802 - a constant of the module
        """Its title, with the columns that identify it."""

    def recognises(self, headers: Headers) -> bool:
        """Return whether a file with these headers has this format, even if a required column is missing."""

    def mapping(self, columns: Columns, context: Context) -> Mapping:
        """Return a reader of records; raise `BillError` if a column for the date or the amount is missing."""


# FOCUS first: providers add their own columns to it.
FORMATS: Final[tuple[Format, ...]] = (
    *(focus, aws_cur, gcp, oci, opencost_cloud, opencost, azure, aws_ce_json, aws_ce),
    *(alibaba, snowflake, databricks),
)


def formats_for(options: Options) -> Sequence[Format]:
    """Return the possible formats of a file: the one of the map if there is a map, else all that Kumo knows."""
    return (MappedFormat(options.columns),) if options.columns else FORMATS


def recognise(headers: Headers, formats: Sequence[Format] = FORMATS) -> Format:
    """Return the format of a file with these headers; raise `BillError` if there is none.

    The message names headers only if they look like those of a table of costs: any other file may contain
    something private there.
    """
    found = next((each for each in formats if each.recognises(headers)), None)
    if found is not None:
        return found
    if formats is not FORMATS:
        return formats[0]  # its message names the missing column
    known = "; ".join(each.TITLE for each in FORMATS)
    detail = f"has an unknown format. {_name_headers(headers)}Formats known: {known}"
    if _are_of_costs(headers.raw):
        detail += f". To read it anyway, try: --map {shlex.quote(guess_map(headers.raw))}"
    raise BillError(detail)


def _name_headers(headers: Headers) -> str:
    if not _are_of_costs(headers.raw):
        return "It does not look like a table of costs. "
    seen = ", ".join(map(quote, headers.raw[:_SHOWN]))
    more = f" and {len(headers.raw) - _SHOWN} more" if len(headers.raw) > _SHOWN else ""
    return f"Headers seen: {seen}{more}. "


def _are_of_costs(names: Sequence[str]) -> bool:
    """Return whether these look like columns of a table of costs: words, with one for money and one for time."""
    folded = [name.casefold() for name in names]
    words = all(_WORDS.fullmatch(name) for name in names)
    return words and all(any(word in name for name in folded for word in some) for some in (_MONEY, _TIME))
