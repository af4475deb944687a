"""The schema of an import, and the query for imports."""

from dataclasses import asdict
from operator import attrgetter
from typing import Any, Final

from marshmallow import fields

from kumo.api.schemas import cursors
from kumo.api.schemas.fields import AnswerSchema, declare, moment
from kumo.api.schemas.listing import Pages, cursor, order
from kumo.domain.imports import Failure, Figures, Import, ImportStatus
from kumo.engine.imports.uploads import ImportProgress

PHASES: Final = ("reading", "recording", "judging")

_MONEY: Final = {"type": "object", "additionalProperties": {"type": "string"}}
_PART: Final[dict[str, Any]] = {
    "properties": {"entries": {"type": "integer"}, "money": _MONEY},
    "required": ["entries", "money"],
}
_PLACE: Final[dict[str, Any]] = {
    "properties": {
        "detail": {"type": "string"},
        "file": {"type": ["string", "null"]},
        "row": {"type": ["integer", "null"]},
        "column": {"type": ["string", "null"]},
    },
    "required": ["detail", "file", "row", "column"],
}
_STEP: Final[dict[str, Any]] = {
    "properties": {
        "phase": {"type": "string", "enum": [*PHASES]},
        "done": {"type": "integer"},
        "total": {"type": ["integer", "null"]},
    },
    "required": ["phase", "done", "total"],
}
_DELAY: Final[dict[str, Any]] = {
    "properties": {"detail": {"type": "string"}, "times": {"type": "integer"}},
    "required": ["detail", "times"],
}
_SCOPE_EXAMPLE: Final = {
    "format": "focus",
    "source": "",
    "billing_account": "4711",
    "account": "prod",
    "period": "2026-01",
}
_SCOPE: Final = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in _SCOPE_EXAMPLE},
    "required": [*_SCOPE_EXAMPLE],
}


def _part(name: str, description: str, entries: int, amount: str) -> fields.Function:
    def show(standing: ImportProgress) -> dict[str, object]:
        part: Figures = getattr(standing.row, name)
        return {"entries": part.entries, "money": dict(part.money)}

    return declare(show, description, {"entries": entries, "money": {"USD": amount}}, **_PART)


def _show_known(name: str, description: str, example: str, **schema: object) -> fields.Function:
    """Declare a text that is null while it is unknown."""
    get = attrgetter(name)
    return declare(lambda standing: get(standing.row) or None, description, example, null=True, **schema)


def _scopes(row: Import) -> list[dict[str, str]]:
    return [asdict(each) for each in row.scopes]


def _failure(error: Failure | None) -> dict[str, object] | None:
    if error is None:
        return None
    return {"detail": error.detail, "file": error.file or None, "row": error.row, "column": error.column or None}


def _step(standing: ImportProgress) -> dict[str, object] | None:
    step = standing.step
    return None if step is None else {"phase": step.phase, "done": step.done, "total": step.total or None}


def _delay(standing: ImportProgress) -> dict[str, object] | None:
    delay = standing.delay
    return None if delay is None else {"detail": delay.detail, "times": delay.times}


class ImportSchema(AnswerSchema):
    """One delivery of a bill, its changes and its status."""

    id = declare("row.id", "The import's id. Of two imports in one scope, the one with the higher number wins.", "42")
    name = declare("row.name", "The file's name.", "2026-01.csv.gz")
    status = declare(
        "row.status",
        "waiting, reading, recording, or ended: done, failed, forgotten.",
        "done",
        enum=[*map(str, ImportStatus)],
    )
    format = _show_known("format", "The format of the file, as in its scopes.", "focus")
    source = _show_known("source", "The origin, as given by the client.", "finance")
    dataset = _show_known("dataset", "For Azure: actual or amortized.", "actual")
    digest = _show_known("digest", "SHA-256 of the decompressed bytes, in hex.", "9f86d081884c7d65" * 4)
    rows = declare("row.rows", "Charges in the file.", 1000)
    added = _part("added", "New entries.", 12, "1234.5")
    removed = _part("removed", "Entries of the earlier delivery that this one does not have.", 1, "0.5")
    changed = _part("changed", "Entries with another amount; the money is the difference.", 2, "-3.25")
    unchanged = _part("unchanged", "Entries that were already there with the same amount.", 400, "98765.4321")
    money = declare(
        lambda standing: dict(standing.row.money),
        "The total of the file's entries, by currency.",
        {"USD": "99999.999999"},
        additionalProperties={"type": "string"},
    )
    scopes = declare(
        lambda standing: _scopes(standing.row),
        "The scopes that it replaces: months of a billing account.",
        [_SCOPE_EXAMPLE],
        items=_SCOPE,
    )
    first_day = _show_known("first_day", "The first day with entries.", "2026-01-01", format="date")
    last_day = _show_known("last_day", "The last day with entries.", "2026-01-31", format="date")
    services = declare("row.services", "Number of services with entries.", 12)
    learning = declare("row.learning", "Number of changed entries in series that are still learning.", 40)
    anomalies = declare("row.anomalies", "Number of anomalies that it opened.", 3)
    left_out = declare("row.left_out", "Days of the file that were left unchanged because of the retention.", 0)
    notes = declare(
        lambda standing: list(standing.row.notes),
        "Notes about the file for people.",
        ["7 records have no amount and were left out"],
        items={"type": "string"},
    )
    error = declare(
        lambda standing: _failure(standing.row.error),
        "Why it failed, and the place in the file, if known.",
        {"detail": "is not a number", "file": "2026-01.csv.gz", "row": 3, "column": "BilledCost"},
        null=True,
        **_PLACE,
    )
    same_as = _show_known("same_as", "The earlier import of the same bytes; nothing was done.", "41")
    started_at = moment("row.started_at", "When it was uploaded, or when reading began.")
    finished_at = moment(lambda standing: standing.row.finished_at or None, "When it ended.", null=True)
    delay = declare(
        _delay,
        "Why the import of an upload was deferred (not the fault of the bill), and how often. It is"
        " tried again automatically.",
        {"detail": "No space left on device", "times": 3},
        null=True,
        **_DELAY,
    )
    progress = declare(
        _step,
        "Progress while an importer works on an upload: reading in bytes, recording in entries,"
        " judging in partitions; `total` is null if unknown.",
        {"phase": "recording", "done": 200, "total": 415},
        null=True,
        **_STEP,
    )

    @classmethod
    def example_of_done(cls) -> dict[str, Any]:
        """Return an import that is done."""
        return cls.example() | dict.fromkeys(("source", "error", "same_as", "dataset", "delay", "progress"))

    @classmethod
    def waiting_example(cls) -> dict[str, Any]:
        """Return an import that was just uploaded."""
        unknown = (
            "format",
            "source",
            "dataset",
            "digest",
            "first_day",
            "last_day",
            "error",
            "same_as",
            "finished_at",
            "progress",
        )
        parts = {name: {"entries": 0, "money": {}} for name in ("added", "removed", "changed", "unchanged")}
        none = {"rows": 0, "services": 0, "learning": 0, "anomalies": 0, "left_out": 0, "money": {}, "scopes": []}
        return cls.example() | dict.fromkeys((*unknown, "delay")) | parts | none | {"status": "waiting", "notes": []}

    @classmethod
    def forgotten_example(cls) -> dict[str, Any]:
        """Return an import whose entries were removed."""
        return cls.example_of_done() | {"status": "forgotten"}


class ImportsQuery(Pages):
    """The parameters of GET /imports/."""

    order = order("desc", "By number: newest first, or oldest first.")
    after = cursor(cursors.IMPORTS)
