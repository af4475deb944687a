"""Parquet, a batch at a time and only the columns that are asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers, fold
from kumo.billing.options import Options

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH: Final = 4096


class ParquetTable:
    """A Parquet file: decimals and texts as they are, times as `datetime`, the fields of structs as dotted columns."""

    def __init__(self, file: IO[bytes], options: Options) -> None:
        # Half a second of import that readers of CSV need not pay.
        from pyarrow import parquet as pq

        with _damage():
            self._file = pq.ParquetFile(file)
            schema = self._file.schema_arrow
            self._schema = schema
        meta = self._file.metadata
        size = sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups))
        if size > options.max_bytes:
            raise BillError(f"is more than {options.max_bytes} bytes long when decompressed, the most allowed")
        self._paths: dict[str, tuple[str, ...]] = {}
        names = [".".join(path) for field in schema for path in _paths(field)]
        for path in (path for field in schema for path in _paths(field)):
            self._paths.setdefault(fold(".".join(path)), path)
        self.columns = Columns(Headers(names), lazy=True)
        self.row = 0
        self.remarks: list[str] = []

    def records(self) -> Iterator[Cells]:
        """Yield the values of the wanted columns."""
        paths = [self._paths[fold(self.columns.named(name))] for name in self.columns.wanted]
        tops = list(dict.fromkeys(path[0] for path in paths))
        with _damage():
            for batch in self._file.iter_batches(_BATCH, columns=tops, use_threads=False):
                values = {top: _values(batch.column(batch.schema.names.index(top))) for top in tops}
                for cells in zip(*(_inside(values[path[0]], path[1:]) for path in paths), strict=True):
                    self.row += 1
                    yield cells


@contextmanager
def _damage() -> Iterator[None]:
    """Turn what pyarrow raises about a file into a refusal of it."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, ArithmeticError, MemoryError, OSError, TypeError, ValueError) as error:
        raise BillError(
            f"is not a sound Parquet file: {next(iter(str(error).splitlines()), 'it is damaged')}"
        ) from error


def _paths(field: "pa.Field", above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    from pyarrow import types

    path = (*above, field.name)
    fields = list(field.type) if types.is_struct(field.type) else []
    return [path, *(inner for each in fields for inner in _paths(each, path))]


def _values(column: "pa.Array") -> list[Any]:
    """Turn a column into Python values, none of them rounded beyond what the file holds.

    Times become naive UTC milliseconds first: nanoseconds have no Python value, and zones need a database. A 32-bit
    float is written by its own shortest form, which is not that of the 64-bit float it would become.
    """
    import pyarrow as pa

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
