"""Tags with one column each, as in reports of AWS and Oracle."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from kumo.billing.context import Context
from kumo.billing.headers import Columns, fold, together
from kumo.billing.lines import ReadTags
from kumo.billing.row import NO_TAGS


def tag_columns(
    columns: Columns, context: Context, prefix: str, strip: Callable[[str], str] | None = None
) -> ReadTags | None:
    """Return a reader of the columns `prefix/NAME` for each tag; None if there are none."""
    found = {} if columns.headers.has(prefix) else columns.starting(prefix)
    if not found:
        return None
    named = {column: strip(column) if strip else column[len(prefix) + 1 :] for column in found}
    wanted = {column: name for column, name in named.items() if context.tag_keys.has(name)}
    if not wanted:
        return lambda _: NO_TAGS
    names, places = list(wanted.values()), columns.find(*map(fold, wanted))
    # Twice the first: a single cell would come without the tuple.
    pick = together([*places, places[0]])

    @lru_cache(maxsize=4096)
    def read(values: tuple[str | None, ...]) -> Mapping[str, str]:
        found = {name: value for name, value in zip(names, values, strict=False) if value}
        return MappingProxyType(found) if found else NO_TAGS

    return lambda cells: read(pick(cells))
