"""Endpoints that record costs: one, or a batch."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import BoundedSemaphore
from typing import Any, Final

from flask import request

from kumo.api.blueprint import Blueprint, services
from kumo.api.bodies import LINES
from kumo.api.schemas.costs import CostSchema
from kumo.api.schemas.entries import Asked, BatchHeaders, BatchSchema, EntryHeaders, EntrySchema
from kumo.domain.entries import MAX_BATCH, Entry
from kumo.domain.judging import Status
from kumo.engine import ingest
from kumo.engine.ingest import Request
from kumo.engine.queries import lookup
from kumo.engine.queries.views import Cost

blp = Blueprint("ingest", __name__, url_prefix="/ingest", description="Recording costs.")

# In each web process; the other half of its threads serves requests that do not wait.
MOST_WAITERS: Final = 4
_WAITERS: Final = BoundedSemaphore(MOST_WAITERS)

_ENTRY: Final = EntrySchema.example()
_LINE: Final = json.dumps(_ENTRY)
_ENTRIES: Final = {
    "type": "array",
    "items": {"$ref": "#/components/schemas/Entry"},
    "minItems": 1,
    "maxItems": MAX_BATCH,
}
_LINES: Final = {"schema": {**_ENTRIES, "description": "One entry a line."}, "example": _LINE}
_BODIES: Final = {"application/json": {"schema": _ENTRIES}, **dict.fromkeys(LINES, _LINES)}
_HEADERS: Final = {
    "Location": {
        "description": "The cost.",
        "schema": {"type": "string", "examples": ["/costs/5woeftbt6mygcc7u-0000000015"]},
    },
    "Preference-Applied": {
        "description": "The granted wait, if the request preferred one.",
        "schema": {"type": "string", "examples": ["wait=5"]},
    },
}


@blp.route("/", methods=["POST"])
@blp.arguments(EntrySchema(), example=_ENTRY)
@blp.arguments(EntryHeaders(), location="headers")
@blp.response(
    202,
    CostSchema,
    description="Recorded; it will be judged soon.",
    example=CostSchema.pending_example(),
    headers=_HEADERS,
)
@blp.alt_response(
    200,
    schema=CostSchema,
    description="Recorded and judged within the granted time.",
    example=CostSchema.example(),
    headers=_HEADERS,
    success=True,
)
@blp.refuses(400, 408, 409, 413, 415, 422)
@blp.doc(operationId="recordCost")
def record(entry: Entry, asked: Asked) -> tuple[Cost, int, dict[str, str]]:
    """Record one cost.

    An acknowledged cost is never lost. A worker judges it soon after. `Prefer: wait=N` waits for the verdict,
    unless too many requests wait already. For a known `external_id`, amount, quantity
    and unit are replaced; the rest stays.
    """
    built = services()
    [recorded] = ingest.ingest(built, [entry], _request(asked))
    wait = built.settings.ingest_wait if asked.wait is None else asked.wait
    headers = {"Location": f"/costs/{recorded.id}"}
    with _waiter(wait) as granted:
        judged = granted > 0 and ingest.wait(built, recorded, granted)
    if asked.wait is not None and granted == wait:
        headers["Preference-Applied"] = f"wait={asked.wait}"
    if judged:
        for cost in lookup.find_costs(built, [recorded.id]):
            # A restatement may have arrived in between; then it is not judged yet.
            return cost, 202 if cost.status is Status.PENDING else 200, headers
    if recorded.outcome == "new":
        stored = ingest.as_recorded(entry, recorded)
    else:  # the other stored fields, such as tags, stay; the amount is that of this request
        [stored] = [cost.entry for cost in lookup.find_costs(built, [recorded.id])] or [entry]
        stored = replace(stored, amount=entry.amount)
        if recorded.outcome == "restated":
            stored = replace(stored, quantity=entry.quantity, unit=entry.unit)
    return Cost(recorded.id, stored.series.id, stored), 202, headers


@contextmanager
def _waiter(seconds: float) -> Iterator[float]:
    """Yield the time that a request may wait: its wish, or zero if too many requests wait already."""
    granted = seconds > 0 and _WAITERS.acquire(blocking=False)
    try:
        yield seconds if granted else 0
    finally:
        if granted:
            _WAITERS.release()


@blp.route("/batch", methods=["POST"])
@blp.arguments(EntrySchema(many=True), example=[_ENTRY])
@blp.arguments(BatchHeaders(), location="headers")
@blp.response(202, BatchSchema, description="All recorded.", example=BatchSchema.example())
@blp.refuses(400, 408, 409, 413, 415, 422)
@blp.doc(operationId="recordCosts", requestBody={"content": _BODIES})
def record_batch(entries: list[Entry], asked: Asked) -> dict[str, Any]:
    """Record up to 10,000 costs in one request.

    All are checked first: one invalid cost refuses all. If a batch was interrupted, send it again under its
    Idempotency-Key; it is completed and nothing counts twice.
    """
    recorded = ingest.ingest(services(), entries, _request(asked))
    outcomes = Counter(row.outcome for row in recorded)
    return {
        "accepted": outcomes["new"],
        "restated": outcomes["restated"],
        "duplicates": outcomes["duplicate"],
        "ids": [row.id for row in recorded],
    }


def _request(asked: Asked) -> Request | None:
    """Bind an Idempotency-Key to the endpoint and to the body.

    Not to the API key, which may change before a repeat, nor to the path, which may end in a slash.
    A client that repeats the request of another needs its body, and learns no more than from sending it as a new one.
    """
    if asked.key is None:
        return None
    scope = f"{request.endpoint}\n{asked.key}"
    return Request(_digest(scope.encode()), _digest(request.get_data()))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
