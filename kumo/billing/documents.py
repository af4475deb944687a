"""JSON: one record a line, a list of records, or the answer of a provider's API."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from kumo.billing.errors import BillError
from kumo.billing.headers import Cells, Columns, Headers, fold
from kumo.billing.json_records import records_of
from kumo.billing.options import Options
from kumo.billing.sources import Payload
from kumo.billing.texts import clean, decode, undecodable

_DEEPEST: Final = 4  # resource.name, properties.labels: what bills nest


class JsonTable:
    """Records of JSON, with exact numbers. NDJSON streams; any other document is read completely, up to a limit.

    Nested values are columns with dotted names. Exports leave out nulls, so the first record does not show
    all columns.
    """

    def __init__(self, payload: Payload, options: Options) -> None:
        payload.meter.max_line = options.max_document
        self._limit = options.max_document
        self._values = options.max_values
        self._text = decode(payload)
        self.row = 0
        self.times = 1
        self.remarks: list[str] = []
        try:
            self._documents = self._open()
            self._first = next(self._documents, None)
        except UnicodeDecodeError as error:
            raise undecodable(error, 0) from None
        names = [] if self._first is None else [name for name, _ in _leaves(self._first, "", 0)]
        self.columns = Columns(Headers(names), lazy=True, open_ended=self._first is not None)

    def records(self) -> Iterator[Cells]:
        """Yield the values of the wanted columns, None if a record lacks one."""
        wanted = self.columns.wanted
        try:
            document = self._first
            while document is not None:
                self.row += 1
                flat: dict[str, Any] = {}
                for name, value in _leaves(document, "", 0):
                    flat.setdefault(fold(name), value)
                yield [flat.get(name) for name in wanted]
                document = next(self._documents, None)
        except UnicodeDecodeError as error:
            raise undecodable(error, self.row) from None

    def _open(self) -> Iterator[Mapping[str, Any]]:
        line = next((line for line in map(clean, self._text) if line.strip()), "")
        try:
            first = self._parse(line)
        except ValueError:
            text = line + clean(self._text.read(self._limit))
            if self._text.read(1):
                raise BillError(f"is one JSON document of more than {self._limit} characters; send NDJSON") from None
            return iter(records_of(self._whole(text)))
        return self._lines(first)

    def _lines(self, first: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
        yield from records_of(first)
        for number, line in enumerate(map(clean, self._text), start=2):
            if not line.strip():
                continue
            try:
                yield from records_of(self._parse(line))
            except ValueError as error:
                raise BillError(f"is not JSON: {error}", row=number) from None

    def _whole(self, text: str) -> Any:  # noqa: ANN401 - any JSON
        try:
            return self._parse(text)
        except ValueError as error:
            raise BillError(f"is not JSON: {error}") from None

    def _parse(self, text: str) -> Any:  # noqa: ANN401 - any JSON
        """Decode a document, unless it has too many values for the memory."""
        if len(text) > self._values and sum(map(text.count, ",[{")) > self._values:
            raise BillError(f"is one JSON document of more than {self._values} values; send NDJSON")
        try:
            return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
        except RecursionError:
            raise ValueError("is nested too deep") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _leaves(value: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield each value under its dotted name, objects as well as their content."""
    for name, item in value.items():
        yield prefix + name, item
        if isinstance(item, Mapping) and depth < _DEEPEST:
            yield from _leaves(item, f"{prefix}{name}.", depth + 1)
