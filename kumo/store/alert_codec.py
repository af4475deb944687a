"""The stored form of an alert: a hash with the part that never changes, and the state of its delivery."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kumo.domain.alerts import CONTENTS, Alert, AlertKind, Delivery
from kumo.store import rows

# What of an alert's delivery its hash keeps.
_TEXTS: Final = ("destination", "status", "last_answer")
_NUMBERS: Final = ("attempts", "due_at", "sent_at", "unconfirmed")


@dataclass(frozen=True, slots=True)
class _AlertBody:
    """The part of an alert that never changes. The type of the content follows from its kind."""

    id: str
    kind: AlertKind
    content: Any = None


def dump_alert(alert: Alert) -> str:
    """Write the part of an alert that never changes."""
    return rows.dump(_AlertBody(alert.id, alert.kind, alert.content))


def read_alert(key: str, values: Mapping[bytes, bytes]) -> Alert:
    """Parse an alert from its hash: the part that never changes, and its delivery; raise `StoredRowError`.

    The content of a kind that only a newer version knows is left out.
    """
    body = rows.build(_AlertBody, rows.parse(values.get(b"body", b""), key), key)
    texts = {name: values[name.encode()].decode() for name in _TEXTS if name.encode() in values}
    numbers = {name: int(values[name.encode()]) for name in _NUMBERS if name.encode() in values}
    delivery = rows.build(Delivery, {**texts, **numbers, "repeat": values.get(b"repeat") == b"1"}, key)
    content = rows.build(CONTENTS[body.kind], body.content, key) if body.kind in CONTENTS else None
    return Alert(body.id, body.kind, content, int(values.get(b"created_at", 0)), delivery)
