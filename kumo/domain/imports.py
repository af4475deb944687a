"""An import: one delivery of a bill, what it changed, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kumo.domain.extensible import Extensible


class ImportState(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"
    READING = "reading"
    RECORDING = "recording"
    DONE = "done"
    FAILED = "failed"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Scope(Extensible):
    """What a delivery replaces: one account in one billing period of a provider's bills.

    `format` is that of the file. `account` is the account that the costs are of, `billing_account` the one that pays,
    each empty where the bill names none; `period` is "YYYY-MM". `source` is where the delivery came from, as whoever
    imported it called that; empty where nobody said so.
    """

    format: str
    account: str
    period: str
    billing_account: str = ""
    source: str = ""

    def __str__(self) -> str:
        """Name it for a person."""
        payer = "" if self.billing_account == self.account else self.billing_account
        return " ".join(filter(None, (self.source, self.format, payer, self.account, self.period)))


@dataclass(frozen=True, slots=True)
class Figures(Extensible):
    """How many entries, and their money as decimal strings by currency; of changed ones, what the change comes to."""

    entries: int = 0
    money: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure(Extensible):
    """Why an import failed; `row` is None and the texts are empty where it is not about a place in a file."""

    detail: str
    file: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        """Say it as a person would point at it."""
        row = "" if self.row is None else f"row {self.row}"
        column = f"column {self.column}" if self.column else ""
        place = ", ".join(filter(None, (self.file, row, column)))
        return f"{place}: {self.detail}" if place else self.detail


@dataclass(frozen=True, slots=True)
class Import(Extensible):
    """One import. Times are in milliseconds since 1970, 0 where not yet; days are dates such as "2026-01-31".

    `number` orders imports: of two that meet in a scope, the one with the higher number prevails. `digest` is that of
    the file's decompressed bytes. `fingerprint` is that digest with the options it was read with. `format` and
    `source` are those of its scopes. `dataset` is "actual" or "amortized" where an Azure export shows which of the two
    it is. `rows` counts the charges in the file; `learning` and `anomalies` are about the entries that it changed.
    `same_as` names the import that had the same bytes: this one then had no work to do. `left_out` counts the days of
    the file that the retention had reached, which stayed as they were.
    """

    number: int
    name: str
    state: ImportState = ImportState.WAITING
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
        """Whether nothing more happens to it by itself."""
        return self.state in {ImportState.DONE, ImportState.FAILED, ImportState.FORGOTTEN}
