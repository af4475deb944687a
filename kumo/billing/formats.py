"""The formats that Kumo knows, and which of them a file is."""

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
# A header, not a value: no sign of an assignment, a path or a secret.
_WORDS: Final = re.compile(r"(?!.*\d{5})[\w ./:()#%-]{0,60}")
_MONEY: Final = ("cost", "charge", "amount", "price", "credit", "spend", "kosten", "betrag")
_TIME: Final = ("date", "time", "day", "month", "period", "datum", "zeit")


class Format(Protocol):
    """One module a format: how to tell it, and how its records become rows."""

    @property
    def SOURCE(self) -> str:  # noqa: N802 - a constant of the module
        """The short name, as in the scope of its rows."""

    @property
    def TITLE(self) -> str:  # noqa: N802 - a constant of the module
        """What it is, and the columns that it is known by."""

    def recognises(self, headers: Headers) -> bool:
        """Tell whether a file with these headers is of this format, even if a column that it needs is missing."""

    def mapping(self, columns: Columns, context: Context) -> Mapping:
        """Make a reader of records; raises `BillError` where a column for the date or the amount is missing."""


# FOCUS first: providers add columns of their own to it.
FORMATS: Final[tuple[Format, ...]] = (
    *(focus, aws_cur, gcp, oci, opencost_cloud, opencost, azure, aws_ce_json, aws_ce),
    *(alibaba, snowflake, databricks),
)


def formats_for(options: Options) -> Sequence[Format]:
    """Return the formats that a file may be of: the one of the map where there is a map, else those that Kumo knows."""
    return (MappedFormat(options.columns),) if options.columns else FORMATS


def recognise(headers: Headers, formats: Sequence[Format] = FORMATS) -> Format:
    """Return the format of a file with these headers; raises `BillError` where there is none.

    Headers are named only where they are those of a table of costs: any other file may have something in its place
    that is nobody's business.
    """
    found = next((each for each in formats if each.recognises(headers)), None)
    if found is not None:
        return found
    if formats is not FORMATS:
        return formats[0]  # it says which of its columns is missing
    known = "; ".join(each.TITLE for each in FORMATS)
    detail = f"is of no format that Kumo knows. {_name_headers(headers)}Formats known: {known}"
    if _are_of_costs(headers.raw):
        detail += f". To read it all the same: --map {shlex.quote(guess_map(headers.raw))}"
    raise BillError(detail)


def _name_headers(headers: Headers) -> str:
    if not _are_of_costs(headers.raw):
        return "It does not look like a table of costs. "
    seen = ", ".join(map(quote, headers.raw[:_SHOWN]))
    more = f" and {len(headers.raw) - _SHOWN} more" if len(headers.raw) > _SHOWN else ""
    return f"Headers seen: {seen}{more}. "


def _are_of_costs(names: Sequence[str]) -> bool:
    """Tell whether these can be the columns of a table of costs: words, one of money and one of time among them."""
    folded = [name.casefold() for name in names]
    words = all(_WORDS.fullmatch(name) for name in names)
    return words and all(any(word in name for name in folded for word in some) for some in (_MONEY, _TIME))
