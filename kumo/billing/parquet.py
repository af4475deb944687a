"""Parquet, in batches and only with the wanted columns; rows may be grouped on the way."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from kumo import faults
from kumo.billing.arrow_groups import ROWS, Grouping, Groups
from kumo.billing.arrow_numbers import UnusualError
from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers, fold
from kumo.billing.sources import Payload

if TYPE_CHECKING:
    import pyarrow as pa

Path = tuple[str, ...]
_BATCH: Final = 4096
# For one row, on average over rows that are read at once.
_ROW_BYTES: Final = 16_384
_ROW_VALUES: Final = 512
_VALUE: Final = 8


class ParquetTable:
    """A Parquet file: decimals and texts unchanged, times as `datetime`, the fields of structs as dotted columns."""

    def __init__(self, payload: Payload) -> None:
        # The import takes half a second, which CSV files do not need.
        try:
            from pyarrow import parquet as pq
        except ModuleNotFoundError as error:
            raise BillError("is Parquet, which needs an extra. Install it with: pip install 'kumo[parquet]'") from error

        self._meter, self._stream = payload.meter, payload.stream
        with _damage():
            self._file = pq.ParquetFile(payload.stream)
            schema = self._file.schema_arrow
        self._check()
        self._paths: dict[str, tuple[str, ...]] = {}
        names = [".".join(path) for field in schema for path in _paths(field)]
        for path in (path for field in schema for path in _paths(field)):
            self._paths.setdefault(fold(".".join(path)), path)
        self.columns = Columns(Headers(names), lazy=True)
        self.grouping: Grouping | None = None
        self.row = 0
        self.times = 1
        self.remarks: list[str] = []

    def records(self) -> Iterator[Cells]:
        """Yield the values of the wanted columns, for each row or for each group of rows."""
        paths = [self._paths[fold(self.columns.spell(name))] for name in self.columns.wanted]
        tops = list(dict.fromkeys(path[0] for path in paths))
        self._check(tops)
        if self.grouping and paths:
            self._keep_dictionaries(tops)
            yield from self._group_rows(self._batches(tops), paths, Groups(self.grouping, _values))
        else:
            for batch in self._batches(tops):
                yield from self._rows(batch, paths)

    def _keep_dictionaries(self, tops: Sequence[str]) -> None:
        """Read texts in dictionary form: each once, and then its number."""
        from pyarrow import parquet as pq
        from pyarrow import types

        schema = self._file.schema_arrow
        texts = [field.name for field in schema if field.name in tops and types.is_string(field.type)]
        with _damage():
            self._file = pq.ParquetFile(self._stream, metadata=self._file.metadata, read_dictionary=texts)

    def _batches(self, tops: Sequence[str]) -> "Iterator[pa.RecordBatch]":
        with _damage():
            for batch in self._file.iter_batches(_BATCH, columns=tops, use_threads=False):
                _check_batch(batch)
                yield batch

    def _rows(self, batch: "pa.RecordBatch", paths: Sequence[Path]) -> Iterator[Cells]:
        with _damage():
            values = {path[0]: _values(_column(batch, path[0])) for path in paths}
        for cells in zip(*(_inside(values[path[0]], path[1:]) for path in paths), strict=True):
            self.row += 1
            yield cells

    def _group_rows(
        self, batches: "Iterator[pa.RecordBatch]", paths: Sequence[Path], groups: Groups
    ) -> Iterator[Cells]:
        """Yield groups. A fault in a row before a damaged place of the file is reported first."""
        read = 0
        try:
            for some in _together(batches):
                try:
                    with _damage():
                        groups.add([_leaf(some, path) for path in paths], read + 1)
                        full = groups.is_full()
                except UnusualError:
                    yield from self._take(groups)
                    self.row = read
                    for start in range(0, some.num_rows, _BATCH):
                        yield from self._rows(some.slice(start, _BATCH), paths)
                else:
                    if full:
                        yield from self._take(groups)
                read += some.num_rows
                self._meter.allowance.options.pulse(self._meter.allowance.consumed)
        except BillError:
            yield from self._take(groups)
            self.row = read
            raise
        yield from self._take(groups)
        self.row = read

    def _take(self, groups: Groups) -> Iterator[Cells]:
        for self.row, self.times, cells in groups.take():
            yield cells
        self.times = 1

    def _check(self, tops: Collection[str] = ()) -> None:
        """Refuse a file whose own metadata exceeds the limits; `tops` are the columns to read.

        A repeated value takes a few bits in the file, and at least eight bytes in memory. The metadata of single
        columns is not read: pyarrow ends the process if it is damaged.
        """
        meta, allowance = self._file.metadata, self._meter.allowance
        with _damage():
            groups = [meta.row_group(number) for number in range(meta.num_row_groups)]
            paths = [meta.schema.column(number).path for number in range(meta.num_columns)]
            rows = sum(max(group.num_rows, 0) for group in groups)
            whole = sum(max(group.total_byte_size, 0) for group in groups)
        grown = rows * _VALUE * sum(_is_in(path, tops) for path in paths)
        allowance.check_records(rows)
        allowance.check_size(whole)
        allowance.check_ratio(grown, self._meter.consumed, allowance.options.max_ratio)


def _together(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """Yield batches with as many rows as are grouped at once; rows before an error come before it."""
    import pyarrow as pa

    some: list[pa.RecordBatch] = []
    try:
        for batch in batches:
            some.append(batch)
            if sum(each.num_rows for each in some) >= ROWS:
                yield pa.concat_batches(some)
                some.clear()
    except BillError:
        if some:
            yield pa.concat_batches(some)
        raise
    if some:
        yield pa.concat_batches(some)


def _column(batch: "pa.RecordBatch", name: str) -> "pa.Array":
    return batch.column(batch.schema.names.index(name))


def _leaf(batch: "pa.RecordBatch", path: Path) -> "pa.Array":
    from pyarrow import compute as pc

    column = _column(batch, path[0])
    return pc.struct_field(column, path[1:]) if path[1:] else column


def _is_in(path: str, tops: Collection[str]) -> bool:
    return any(path == top or path.startswith(f"{top}.") for top in tops)


def _check_batch(batch: "pa.RecordBatch") -> None:
    """Refuse rows that would take much memory as Python objects: long repeated texts, endless lists."""
    if sum(map(_count_bytes, batch.columns)) > _BATCH * _ROW_BYTES:
        raise BillError(f"has rows of more than {_ROW_BYTES} bytes")
    if sum(map(_count_values, batch.columns)) > _BATCH * _ROW_VALUES:
        raise BillError(f"has rows of more than {_ROW_VALUES} values")


def _count_bytes(array: "pa.Array") -> int:
    """Return the size of a column with each of its texts written out."""
    from pyarrow import compute as pc
    from pyarrow import types

    if not types.is_dictionary(array.type) or not types.is_string(array.type.value_type):
        return int(array.nbytes)
    return 4 * len(array) + (pc.sum(pc.binary_length(array.dictionary).take(array.indices)).as_py() or 0)


def _count_values(array: "pa.Array") -> int:
    from pyarrow import types

    if types.is_struct(array.type):
        return sum(_count_values(array.field(number)) for number in range(array.type.num_fields))
    if types.is_nested(array.type):
        return _count_values(array.values)
    return len(array)


@contextmanager
def _damage() -> Iterator[None]:
    """Turn pyarrow's errors about a file into refusals."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, ArithmeticError, LookupError, MemoryError, OSError, TypeError, ValueError) as error:
        if faults.is_passing(error):
            raise
        raise BillError(
            f"is not a valid Parquet file: {next(iter(str(error).splitlines()), 'it is damaged')}"
        ) from error


def _paths(field: "pa.Field", above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    from pyarrow import types

    path = (*above, field.name)
    fields = list(field.type) if types.is_struct(field.type) else []
    return [path, *(inner for each in fields for inner in _paths(each, path))]


def _values(column: "pa.Array") -> list[Any]:
    """Convert a column to Python values, without rounding.

    Times become naive UTC milliseconds first: nanoseconds have no Python value, and zones need a database. A 32-bit
    float is written in its own shortest form, which differs from that of the 64-bit float.
    """
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind):
        plain = column.cast(pa.int64()).cast(pa.timestamp(kind.unit))
        column = plain.cast(pa.timestamp("ms"), safe=False)
    elif pa.types.is_float32(kind):
        column = column.cast(pa.string())
    values: list[Any] = column.to_pylist()
    return values


def _inside(values: list[Any], path: tuple[str, ...]) -> list[Any]:
    for name in path:
        values = [None if value is None else value.get(name) for value in values]
    return values
