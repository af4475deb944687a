"""Data of a newer version, put into the rows of a store."""

import json
from collections.abc import Callable
from fnmatch import fnmatch
from itertools import count
from typing import Any

from kumo.services import Services
from kumo.store import keys

LATER = {"x": [1]}
# The content of a mapping of names has no fields: an additional item would have a meaning.
NAMES = {"scope", "money", "match", "tags", "p"}


def change(services: Services, pattern: str, alter: Callable[[bytes], bytes], fields: str = "*") -> int:
    """Alter the values of some keys, and in hashes some fields; return how many."""
    client, places = services.store.client, count()
    for key in filter(lambda name: fnmatch(name.decode(), pattern), client.keys("kumo:*")):
        if client.type(key) == b"string":
            client.set(key, alter(client.get(key)), keepttl=True)
            next(places)
        elif client.type(key) == b"hash":
            for name, text in client.hgetall(key).items():
                if fnmatch(name.decode(), fields):
                    client.hset(key, name, alter(text))
                    next(places)
    return next(places)


def grown(value: Any) -> Any:  # noqa: ANN401 - as json gives it
    """Add a field to each object, and an item to each list that is not a list of objects."""
    if isinstance(value, dict):
        return {name: item if name in NAMES else grown(item) for name, item in value.items()} | {"later": LATER}
    return [grown(item) if isinstance(item, dict) else item for item in value] if isinstance(value, list) else value


def grow(text: bytes) -> bytes:
    return json.dumps(grown(json.loads(text))).encode()


def grow_details(text: bytes) -> bytes:
    amount, _, rest = text.partition(b" ")
    kept, _, used = rest.partition(b"\n")
    more = json.loads(kept) if kept else {}
    lines = [grown({"external_id": more} if isinstance(more, str) else more)]
    lines += [[*json.loads(used), "later"], LATER] if used else []
    return amount + b" " + b"\n".join(json.dumps(line).encode() for line in lines)


def lengthen(text: bytes) -> bytes:
    """Give a series a seventh part, as spelled and as compared, and add something else."""
    *names, groups = json.loads(text)
    parts = [[*part, *[""] * (6 - len(part)), "later"] for part in names]
    return json.dumps([*parts, groups, "later"]).encode()


GROWING: list[tuple[str, str, Callable[[bytes], bytes]]] = [
    (keys.IMPORTS, "*", grow),
    (keys.POLICIES, "*", grow),
    (keys.API_KEYS, "*", grow),
    (keys.UPLOADS, "*", grow),
    ("kumo:imports:accounts:*", "*", grow),
    ("kumo:{*}:feedback", "*", grow),
    ("kumo:{*}:anomaly:*", "*", grow),
    ("kumo:{*}:evidence:*", "*", grow),
    ("kumo:{*}:alert:*", "body", grow),
    ("kumo:{*}:series", "*", lengthen),
    ("kumo:{*}:details:*", "*", grow_details),
    ("kumo:{*}:scope:*", "*", lambda text: text + b" later"),
    ("kumo:{*}:verdicts:*", "*", lambda packed: packed + b"later"),
    ("kumo:{*}:states", "a*", lambda packed: bytes([packed[0] + 1]) + packed[1:] + b"later"),
]


ENUMS: list[tuple[str, str, str]] = [
    (keys.IMPORTS, "2", "status"),
    (keys.POLICIES, "*", "combine"),
    (keys.POLICIES, "*", "detector"),
    ("kumo:{*}:feedback", "*", "word"),
    ("kumo:{*}:anomaly:*", "*", "status"),
    ("kumo:{*}:evidence:*", "*", "detector"),
    ("kumo:{*}:alert:*", "body", "kind"),
]


def renamed(text: bytes, name: str) -> bytes:
    return json.dumps(json.loads(text) | {name: "later"}).encode()


def marked(services: Services, pattern: str) -> int:
    """Count the places that still contain data of a newer version."""
    found: list[bytes] = []
    change(services, pattern, lambda text: found.append(text) or text)  # type: ignore[func-returns-value]
    return sum(b"later" in text for text in found)
