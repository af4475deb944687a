"""Grouping rows of Parquet in Arrow before Python sees them: rows that differ only in summed columns become one.

Sums are exact: decimals are added as decimals, floats as the decimals of their shortest texts. A group has the
cells of its first row, so messages name the same row as without grouping. Numbers of different
signs, zeros and empty cells are kept apart, because readers may distinguish them.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kumo.billing.arrow_numbers import UnusualError, largest, numbers, widen
from kumo.domain.money import MAX_UNITS

if TYPE_CHECKING:
    import pyarrow as pa

# Rows that are grouped at once, and groups that are kept to be grouped with those of later rows.
ROWS: Final = 65_536
KEPT: Final = 131_072
# Smallest useful number of rows in a group, on average: daily bills already have one row for each resource and day.
WORTH: Final = 2
# Groups that are converted to Python values at once.
_TAKEN: Final = 4_096
# Separators between the texts of a map, and for a missing text: characters that no text of a bill has.
_BETWEEN: Final = "\x1f"
_NOTHING: Final = "\x1e"
_MARKS: Final = "[\x1e\x1f]"
_MOST_CODES: Final = 1 << 62
_FIRST: Final = "first"
_TIMES: Final = "times"


@dataclass(frozen=True, slots=True)
class Grouping:
    """The columns that make rows equal: all, except the `summed` ones, and `time` only up to its step.

    `find_step` returns the step of a value of `time`, as anything that can be compared.
    """

    summed: Collection[int]
    time: int | None
    find_step: Callable[[Any], object]


# The number of its first row, its number of rows, and its cells.
Group = tuple[int, int, tuple[Any, ...]]


class Groups:
    """The groups of one file while its rows are read; `read` converts a column to Python values."""

    def __init__(self, grouping: Grouping, read: "Callable[[pa.Array], list[Any]]") -> None:
        self._grouping = grouping
        self._read = read
        self._kept: list[pa.Table] = []

    def add(self, columns: "Sequence[pa.Array]", first: int) -> None:
        """Group some rows; `first` is the number of the first one.

        Raises `UnusualError`, without taking any row, if they cannot be summed exactly or groups have hardly more than
        one row.
        """
        import pyarrow as pa

        try:
            made = self._group(self._table(columns, first))
        except pa.ArrowNotImplementedError:
            raise UnusualError from None
        if made.num_rows * WORTH > len(columns[0]):
            raise UnusualError
        self._kept.append(made)

    def _table(self, columns: "Sequence[pa.Array]", first: int) -> "pa.Table":
        import pyarrow as pa

        count = len(columns[0])
        made = {
            str(place): numbers(column) if place in self._grouping.summed else _pack(column)
            for place, column in enumerate(columns)
        }
        made[_FIRST] = pa.arange(first, first + count)
        made[_TIMES] = pa.repeat(pa.scalar(1, pa.int64()), count)
        return pa.table(made)

    def is_full(self) -> bool:
        """Return whether the kept groups should be taken: grouping them again helps little."""
        if self._count() <= KEPT:
            return False
        self._join()
        return self._count() > KEPT // 2

    def _count(self) -> int:
        return sum(table.num_rows for table in self._kept)

    def _join(self) -> None:
        """Group the kept groups again if possible: rows of one group may have come at different times."""
        import pyarrow as pa

        if len(self._kept) > 1:
            with suppress(UnusualError):
                self._kept = [self._group(pa.concat_tables(self._kept).unify_dictionaries().combine_chunks())]

    def take(self) -> "Iterator[Group]":
        """Yield all groups in the order of their first rows, and keep none."""
        self._join()
        kept, self._kept = self._kept, []
        for table in kept:
            for start in range(0, table.num_rows, _TAKEN):
                some = table.slice(start, _TAKEN)
                columns = [_unpack(some[name].combine_chunks()) for name in some.column_names]
                firsts, times = columns[-2].to_pylist(), columns[-1].to_pylist()
                yield from zip(firsts, times, zip(*map(self._read, columns[:-2]), strict=True), strict=True)

    def _group(self, table: "pa.Table") -> "pa.Table":
        import pyarrow as pa

        places = range(table.num_columns - 2)
        summed = [str(place) for place in places if place in self._grouping.summed]
        keyed = {"key": self._keys(table), "place": pa.arange(0, table.num_rows), _TIMES: table[_TIMES]}
        sums = {name: table[name] for name in summed}
        grouped = (
            pa.table(keyed | sums)
            .group_by("key", use_threads=False)
            .aggregate([("place", "min"), (_TIMES, "sum"), *((name, "sum") for name in summed)])
            .sort_by("place_min")
        )
        made = table.take(grouped["place_min"])
        made = _with(made, _TIMES, grouped[f"{_TIMES}_sum"])
        for name in summed:
            made = _with(made, name, widen(grouped[f"{name}_sum"]))
            if largest(made[name]) > MAX_UNITS:
                raise UnusualError
        return made

    def _keys(self, table: "pa.Table") -> "pa.Array":
        """Return a number for each row, the same for all rows of a group."""
        from pyarrow import compute as pc

        keys, many = None, 1
        for place in range(table.num_columns - 2):
            codes, count = self._codes(table[str(place)].combine_chunks(), place)
            if keys is None:
                keys, many = codes, count
                continue
            if many * count > _MOST_CODES:
                packed = keys.dictionary_encode()
                keys, many = packed.indices.cast("int64"), len(packed.dictionary)
            keys, many = pc.add(pc.multiply(keys, count), codes), many * count
        return keys

    def _codes(self, column: "pa.Array", place: int) -> "tuple[pa.Array, int]":
        """Return a number for each value of a column, and the upper bound of these numbers."""
        import pyarrow as pa
        from pyarrow import compute as pc

        if place in self._grouping.summed:
            return pc.add(pc.sign(column).cast("int64").fill_null(2), 1), 4
        if pa.types.is_map(column.type):
            column = _join_texts(column)
        if pa.types.is_nested(column.type):
            known: dict[str, int] = {}
            return pa.array([known.setdefault(repr(value), len(known)) for value in column.to_pylist()]), len(column)
        packed = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        values, indices = packed.dictionary, packed.indices.cast("int64")
        codes = indices.fill_null(len(values))
        if place != self._grouping.time:
            return codes, len(values) + 1
        steps: dict[object, int] = {}
        of = [steps.setdefault(step, len(steps)) for step in [*map(self._grouping.find_step, self._read(values)), None]]
        return pa.array(of, pa.int64()).take(codes), len(steps)


def _with(table: "pa.Table", name: str, column: "pa.ChunkedArray") -> "pa.Table":
    return table.set_column(table.schema.get_field_index(name), name, column)


def _pack(column: "pa.Array") -> "pa.Array":
    """Store repeated values once."""
    from pyarrow import types

    kind = column.type
    return column.dictionary_encode() if types.is_string(kind) or types.is_large_string(kind) else column


def _join_texts(column: "pa.Array") -> "pa.Array":
    """Return each map of texts as one text, or the column unchanged if that would not distinguish all maps."""
    import pyarrow as pa
    from pyarrow import compute as pc

    if not all(pa.types.is_string(kind) for kind in (column.type.key_type, column.type.item_type)):
        return column
    sides = []
    for side in (column.keys, column.items):
        if pc.any(pc.match_substring_regex(side, _MARKS)).as_py():
            return column
        texts = pa.ListArray.from_arrays(column.offsets, side.fill_null(_NOTHING))
        sides.append(pc.binary_join(texts, _BETWEEN))
    return pc.if_else(column.is_valid(), pc.binary_join_element_wise(*sides, _BETWEEN * 2), None)


def _unpack(column: "pa.Array") -> "pa.Array":
    from pyarrow import types

    return column.dictionary_decode() if types.is_dictionary(column.type) else column
