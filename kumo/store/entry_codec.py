"""The stored form of an entry's details: `<amount in micros>[~<tag set>][ <rest>]`; the rest has all but the time.

The rest has two lines, and each may be empty: JSON of fields that stay when the entry is restated, and JSON of fields
that belong to its amount. Scripts know no more of it (`lua/parts/details.lua`), but for the parts, and the quantity in
the second line (`lua/parts/quantities.lua`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kumo.domain.entries import Entry, Series
from kumo.domain.parts import Labels, Parts, label

_LINE: Final = "\n"


def dump_rest(entry: Entry) -> str:
    """Write the fields of an entry other than time and amount; empty if it has none.

    A single external id, the most frequent case, is written without its name, which saves 17 bytes. Quantity and
    unit belong to the amount, so they have their own line, which a restatement replaces.
    """
    rest: dict[str, object] = {}
    if entry.external_id:
        rest["external_id"] = entry.external_id
    if entry.tags:
        rest["tags"] = dict(entry.tags)
    if entry.resource:
        rest["r"] = entry.resource
    if entry.billed is not None:
        rest["b"] = entry.billed
    if entry.parts:
        rest["p"] = [[key, *_pack(parts)] for key, parts in entry.parts.items()]
    if entry.contributors:
        rest["c"] = entry.contributors
    shortest = entry.external_id if rest.keys() == {"external_id"} else rest
    return (dump_json(shortest) if rest else "") + _dump_used(entry)


def _dump_used(entry: Entry) -> str:
    used = [entry.quantity, entry.unit] if entry.unit else [entry.quantity]
    return "" if used == [None] else f"{_LINE}{dump_json(used)}"


def _pack(parts: Mapping[str, int]) -> list[str]:
    """Write parts, each value before its micros; if one value has the whole amount, write only that value.

    Micros are texts, because Lua's numbers have fifteen digits.
    """
    return [*parts] if len(parts) == 1 else [text for value, micros in parts.items() for text in (value, str(micros))]


def dump_json(value: object) -> str:
    """Write JSON in its shortest form."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_amount(details: bytes) -> int:
    """Parse the amount in the details of an entry, in micros."""
    return int(details.split(b" ", 1)[0].partition(b"~")[0])


def read_tag_set(details: bytes) -> str:
    """Return the number of an entry's tag set in its series; empty if it has none."""
    return details.split(b" ", 1)[0].partition(b"~")[2].decode()


def split_rest(details: bytes) -> bytes:
    """Return the rest in the details of an entry; empty if it has none."""
    return details.partition(b" ")[2]


def read_unit(rest: str) -> str | None:
    """Return the unit of the quantity in the rest of an entry; None if it has no quantity."""
    quantity, *unit = json.loads(rest.partition(_LINE)[2] or "[null]")
    return None if quantity is None else (unit[0] if unit else "")


def read_entry(series: Series, timestamp: int, text: bytes) -> Entry:
    """Parse an entry from its details and its time in ms."""
    more = _more(text)
    _, _, used = text.partition(_LINE.encode())
    quantity, *unit = json.loads(used.partition(_LINE.encode())[0] or "[null]")
    return Entry(
        series=series,
        amount=read_amount(text),
        timestamp=timestamp,
        external_id=more.get("external_id", ""),
        tags=more.get("tags", {}),
        quantity=quantity,
        unit=unit[0] if unit else "",
        resource=more.get("r", ""),
        parts=_parts(more, read_amount(text)),
        billed=more.get("b"),
        contributors=_contributors(more),
    )


def read_contributors(details: bytes) -> tuple[tuple[str, int], ...]:
    """Parse the contributors of an entry from its details: names with micros."""
    return _contributors(_more(details))


def read_labels(details: bytes) -> Labels:
    """Parse the tag values of an entry from its details."""
    return read_labelled(details)[1]


def read_labelled(details: bytes) -> tuple[int, Labels]:
    """Parse the amount of an entry in micros, and its tag values, from its details."""
    amount, more = read_amount(details), _more(details)
    return amount, label(amount, more.get("tags", {}), _parts(more, amount))


def read_external_id(rest: str) -> str:
    """Return the external_id in the rest of an entry; empty if it has none."""
    return str(_rest(rest).get("external_id", ""))


def _more(details: bytes) -> dict[str, Any]:
    return _rest(details.partition(b" ")[2].decode())


def _rest(text: str) -> dict[str, Any]:
    text = text.partition(_LINE)[0]
    more = json.loads(text) if text else {}
    return {"external_id": more} if isinstance(more, str) else more


def _contributors(more: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((name, micros) for name, micros, *_ in more.get("c", ()))


def _parts(more: Mapping[str, Any], amount: int) -> Parts:
    return {key: _unpack(parts, amount) for key, *parts in more.get("p", ())}


def _unpack(parts: Sequence[str], amount: int) -> dict[str, int]:
    if len(parts) == 1:
        return {parts[0]: amount}
    return {value: int(micros) for value, micros in zip(parts[::2], parts[1::2], strict=True)}
