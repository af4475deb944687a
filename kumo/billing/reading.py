"""A bill: opened, recognised, and read row by row."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import IO, Final, Self

from kumo.billing.arrow_groups import Grouping
from kumo.billing.context import Context, Note
from kumo.billing.csv_table import CsvTable
from kumo.billing.delivery import parts_of
from kumo.billing.documents import JsonTable
from kumo.billing.errors import BillError
from kumo.billing.files import BillFile
from kumo.billing.formats import Format, Mapping, formats_for, recognise
from kumo.billing.headers import Columns
from kumo.billing.options import MEBIBYTE, Options
from kumo.billing.parquet import ParquetTable
from kumo.billing.row import Row
from kumo.billing.sources import Allowance, FilePart, Payload
from kumo.billing.tables import Table

# Several files are the parts of one delivery.
Source = IO[bytes] | BillFile | Sequence[BillFile] | Path | str

DEFAULT: Final = Options()
_STEP: Final = 1000
_MARKS: Final = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


class Bill:
    """One delivery of a bill: iterate over it once for its rows, then use its results.

    Opening it recognises the format of its first file. `records` counts lines of the bill, `rows` the charges in them:
    Cost Explorer has many charges on a line. `digest` is the SHA-256 of the decompressed bytes; for several files, that
    of their digests. `dataset` is "actual" or "amortized" if an Azure export shows which of the two it is.
    """

    def __init__(self, source: IO[bytes] | BillFile | Sequence[BillFile], name: str, options: Options) -> None:
        self.name = name
        self.records = 0
        self.rows = 0
        self._context = Context(options)
        self._options = options
        self._formats = formats_for(options)
        self._allowance = Allowance(options)
        self._owned = ExitStack()
        # The open files of the current part: not all of a thousand files at once.
        self._held = ExitStack()
        self._digests: list[str] = []
        try:
            self._parts = parts_of(source, name, self._allowance, self._owned)
            self._opened = self._open(self._parts[0])
        except BillError as error:
            self.close()
            raise error.at(name) from error.__cause__
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Close the files at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self.close()

    def close(self) -> None:
        """Close the files that were opened for the bill, never the given stream."""
        self._held.close()
        self._owned.close()

    @property
    def source(self) -> str:
        """The short name of the format, the first part of each row's scope: "focus", "aws_cur", …."""
        return self._opened[1].SOURCE

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns as spelled in the first file."""
        return self._opened[2].columns.headers.raw

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes read so far, in hex: that of the whole bill once its rows are read."""
        if len(self._digests) == len(self._parts) == 1:
            return self._digests[0]
        return sha256("".join(self._digests).encode()).hexdigest()

    @property
    def dataset(self) -> str:
        """The kind of Azure's export, as far as it was read; empty if unknown."""
        return next(iter(self._context.datasets)) if len(self._context.datasets) == 1 else ""

    @property
    def payers(self) -> frozenset[str]:
        """The accounts whose manifests say that this is their report; empty without a manifest."""
        named = {part.payer for part in self._parts}
        return frozenset() if "" in named else frozenset(named)

    @property
    def notes(self) -> list[Note]:
        """Notes for people about the bill."""
        return list(self._context.notes.values())

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows; raise `BillError`, with file, row and column, for the first fault."""
        opened = self._opened
        for number, part in enumerate(self._parts):
            try:
                if number:
                    opened = self._next(part)
                before = self.rows
                yield from self._read(*opened)
                if self.rows > before and not part.is_listed:
                    self._refuse_repeat()
            except BillError as error:
                raise error.at(part.name) from error.__cause__
        self._conclude()

    def _open(self, part: FilePart) -> tuple[Payload, Format, Table, Mapping]:
        self._held.close()
        payload = part.open(self._held)
        table = _table(payload, self._options, self._formats)
        form = recognise(table.columns.headers, self._formats)
        self._context.where = lambda: table.row
        mapping = form.mapping(table.columns, self._context)
        if isinstance(table, ParquetTable) and table.columns.can_group and self._options.step:
            table.grouping = self._grouping(table.columns)
        return payload, form, table, mapping

    def _grouping(self, columns: Columns) -> Grouping:
        """Return which rows may come as one: those in one step of time. Other values are steps of their own."""
        parse, step = self._context.moments.parse, self._options.step

        def find_step(value: object) -> object:
            try:
                return parse(value) // step
            except (ValueError, OverflowError):
                return repr(value)

        return Grouping(columns.summed, columns.time, find_step)

    def _next(self, part: FilePart) -> tuple[Payload, Format, Table, Mapping]:
        opened = self._open(part)
        if opened[1] is not self._opened[1]:
            raise BillError(f"has another format than {self._parts[0].name}: {opened[1].TITLE}")
        return opened

    def _read(self, payload: Payload, _: Format, table: Table, mapping: Mapping) -> Iterator[Row]:
        records = rows = told = 0
        try:
            for cells in table.records():
                times = self._context.times = table.times
                records += times
                if records - told >= _STEP:
                    self._allowance.count(records - told)
                    told = records
                for row in mapping(cells):
                    rows += times
                    yield row if times == 1 else row._replace(times=times)
        except BillError as error:
            raise error.at(payload.name, table.row or None) from error.__cause__
        finally:
            self.records += records - self._context.sums
            self._context.sums = 0
            self.rows += rows - self._context.splits
            self._context.splits = 0
        for remark in table.remarks:
            self._context.remark(remark)
        self._digests.append(payload.meter.digest)

    def _refuse_repeat(self) -> None:
        """Raise `BillError` if the last part has the same bytes as an earlier one."""
        *earlier, last = self._digests
        if last in earlier:
            other = self._parts[earlier.index(last)].name
            raise BillError(f"has the same bytes as {other}: they would count twice")

    def _conclude(self) -> None:
        context = self._context
        try:
            for close in context.closing if self.rows else ():
                close()
        except BillError as error:
            raise error.at(self.name) from None
        if self.records and not self.rows:
            columns = self._opened[2].columns
            raise BillError("has records, but every amount is empty", self.name, column=", ".join(columns.amounts[:2]))
        if context.blank:
            context.remark(f"{context.blank} records have no amount and were left out")
        if len(codes := sorted(set(context.currencies.values()))) > 1:
            context.remark(f"there are amounts in {', '.join(codes)}: they are kept separate")
        if len(context.datasets) > 1:
            context.remark("actual and amortized costs seem to be mixed: purchases of commitments and their use")


def open_bill(source: Source, name: str = "", options: Options = DEFAULT) -> Bill:
    """Open a bill, with any file name; raise `BillError` and `OSError`.

    From a path, wherever links lead; from a `BillFile`, whose links and manifest lead to nothing outside of its root;
    or from a binary stream, whose manifest names no files.
    """
    given = Path(source).name if isinstance(source, (str, Path)) else str(getattr(source, "name", ""))
    return Bill(_locate(source), name or given or "the bill", options)


def _locate(source: Source) -> IO[bytes] | BillFile | Sequence[BillFile]:
    return BillFile.alone(Path(source)) if isinstance(source, (str, Path)) else source


def fingerprint(source: Source, options: Options = DEFAULT) -> str:
    """Return the digest of a bill without reading its rows: the same digest means the same bytes."""
    digests = []
    with ExitStack() as owned:
        for part in parts_of(_locate(source), "", Allowance(options), owned):
            with ExitStack() as held:
                payload = part.open(held)
                while not payload.parquet and payload.stream.read(MEBIBYTE):
                    pass
                digests.append(payload.meter.digest)
    return digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()


def _table(payload: Payload, options: Options, formats: Sequence[Format]) -> Table:
    if payload.parquet:
        return ParquetTable(payload)
    head = payload.stream.peek(64)[:64]  # type: ignore[attr-defined]  # texts come buffered
    if head.lstrip(_MARKS)[:1] in {b"{", b"["}:
        return JsonTable(payload, options)
    return CsvTable(payload, options, lambda headers: any(each.recognises(headers) for each in formats))
