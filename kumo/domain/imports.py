"""An import: one delivery of a bill, its changes, and its status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kumo.domain.extensible import Extensible


class ImportStatus(StrEnum):
    """The status of an import."""

    WAITING = "waiting"
    READING = "reading"
    RECORDING = "recording"
    DONE = "done"
    FAILED = "failed"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Scope(Extensible):
    """The part of the costs that a delivery replaces: one account in one billing period of a provider's bills.

    `format` is that of the file. `account` is the account of the costs, `billing_account` the one that pays,
    each empty if the bill has none; `period` is "YYYY-MM". `source` is the origin of the delivery as given
    by the client, or empty.
    """

    format: str
    account: str
    period: str
    billing_account: str = ""
    source: str = ""

    def __str__(self) -> str:
        """Write it as text for people."""
        payer = "" if self.billing_account == self.account else self.billing_account
        return " ".join(filter(None, (self.source, self.format, payer, self.account, self.period)))


@dataclass(frozen=True, slots=True)
class Figures(Extensible):
    """The number of entries, and their money as decimal strings by currency; for changed ones, the differences."""

    entries: int = 0
    money: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure(Extensible):
    """Why an import failed; `row` is None and the texts are empty if there is no place in a file."""

    detail: str
    file: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        """Write it as text for people."""
        row = "" if self.row is None else f"row {self.row}"
        column = f"column {self.column}" if self.column else ""
        place = ", ".join(filter(None, (self.file, row, column)))
        return f"{place}: {self.detail}" if place else self.detail


@dataclass(frozen=True, slots=True)
class Import(Extensible):
    """One import. Times are in milliseconds since 1970, 0 if not yet; days are dates such as "2026-01-31".

    `number` orders imports: of two that meet in a scope, the one with the higher number wins. `digest` is that of
    the file's decompressed bytes. `fingerprint` is that digest with the options of reading. `format` and
    `source` are those of its scopes. `dataset` is "actual" or "amortized" if an Azure export shows which of the two
    it is. `rows` counts the charges in the file; `learning` and `anomalies` are about the entries that it changed.
    `same_as` is the earlier import of the same bytes: this one then had no work. `left_out` counts the days of
    the file that did not change because of the retention.
    """

    number: int
    name: str
    status: ImportStatus = ImportStatus.WAITING
    digest: str = ""
    fingerprint: str = ""
    format: str = ""
    source: str = ""
    dataset: str = ""
    rows: int = 0
    added: Figures = Figures()
    removed: Figures = Figures()
    changed: Figures = Figures()
    unchanged: Figures = Figures()
    money: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[Scope, ...] = ()
    first_day: str = ""
    last_day: str = ""
    services: int = 0
    learning: int = 0
    anomalies: int = 0
    left_out: int = 0
    notes: tuple[str, ...] = ()
    error: Failure | None = None
    same_as: str = ""
    started_at: int = 0
    finished_at: int = 0

    @property
    def id(self) -> str:
        """The import's id: its number as text."""
        return str(self.number)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.status in {ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.FORGOTTEN}
