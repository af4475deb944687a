"""Parsers for the values of settings.

Each parses text or raises `ValueError`, whose message completes the sentence "allowed: …".
"""

import ipaddress
import math
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import SplitResult, urlsplit

ANY_ORIGIN: Final = "*"
NO_TAG_KEYS: Final = "none"
AUTO: Final = "auto"
MOST_TAG_KEYS: Final = 10
LONGEST_TAG_KEY: Final = 100


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of an integer between two limits, both included."""

    def parse(raw: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", raw) or not low <= int(raw) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(raw)

    return parse


def number(allows: Callable[[float], bool], allowed: str) -> Callable[[str], float]:
    """Return a parser of a finite number that satisfies a condition, which `allowed` describes."""

    def parse(raw: str) -> float:
        try:
            value = float(raw)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or not allows(value):
            raise ValueError(allowed)
        return value

    return parse


def between(low: int, high: int) -> Callable[[str], float]:
    """Return a parser of a number between two limits, both included."""
    return number(lambda value: low <= value <= high, f"a number from {low:,.0f} to {high:,.0f}")


def optional_number(low: int, high: int) -> Callable[[str], float | None]:
    """Return a parser of a number between two limits; nothing is None."""
    parse = between(low, high)
    return lambda raw: parse(raw) if raw else None


def auto_or_number(low: int, high: int) -> Callable[[str], float | None]:
    """Return a parser of a number between two limits, or `auto`, which is None."""
    parse = between(low, high)

    def parse_either(raw: str) -> float | None:
        if raw.casefold() == AUTO:
            return None
        try:
            return parse(raw)
        except ValueError as error:
            raise ValueError(f"{AUTO}, or {error}") from None

    return parse_either


def choice(*names: str) -> Callable[[str], str]:
    """Return a parser of one of some names; case does not matter."""

    def parse(raw: str) -> str:
        for name in names:
            if raw.casefold() == name.casefold():
                return name
        raise ValueError("one of " + ", ".join(names))

    return parse


def _split(raw: str) -> SplitResult | None:
    """Split an address; return None if it is malformed: bad port, no host, spaces inside."""
    try:
        parts = urlsplit(raw)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return None
    return parts if parts.hostname and not re.search(r"\s", raw) else None


def redis_url(raw: str) -> str:
    """Parse the address of a Redis."""
    if raw and not re.fullmatch(r"(?!.*,\s*\w+://)(rediss?://[^/\s]\S*|unix://\S+)", raw):
        raise ValueError("an address that starts with redis://, rediss:// or unix://")
    return raw


def store_urls(raw: str) -> str:
    """Parse the address of a Redis, or those of the nodes of a cluster, separated by commas."""
    node = r"rediss?://[^/\s?]+(/0?)?(\?[^\s,]*)?"
    several = re.fullmatch(rf"{node}(, *{node})+", raw)
    return raw.replace(" ", "") if several else redis_url(raw)


def web_url(raw: str) -> str:
    """Parse an http or https address."""
    parts = _split(raw)
    if raw and (parts is None or parts.scheme not in {"http", "https"}):
        raise ValueError("an address that starts with http:// or https://")
    return raw


def host(raw: str) -> str:
    """Parse the name or address of a host to listen on."""
    if not re.fullmatch(r"[\w.:-]+", raw):
        raise ValueError("a host name or address to listen on")
    return raw


def hosts(raw: str) -> tuple[str, ...]:
    """Parse host names, separated by commas."""
    names = tuple(part.strip().lower() for part in raw.split(",") if part.strip())
    if not all(re.fullmatch(r"[a-z0-9.:-]+", name) for name in names):
        raise ValueError("host names separated by commas, without scheme or path")
    return names


def origins(raw: str) -> tuple[str, ...]:
    """Parse origins, separated by commas.

    A star within an origin is refused: flask-cors would treat the origin as a regular expression and match only its
    start.
    """
    found = tuple(part.strip() for part in raw.split(",") if part.strip())
    if not all(re.fullmatch(r"\*|https?://[\w.-]+(:\d+)?", origin) for origin in found):
        raise ValueError("origins such as https://costs.example.com separated by commas, or *")
    return found


def tag_keys(raw: str) -> tuple[str, ...]:
    """Parse tag keys, separated by commas; each is used once, in any spelling; `none` means no keys."""
    keys: dict[str, str] = {}
    for part in raw.split(",") if raw != NO_TAG_KEYS else ():
        keys.setdefault(part.strip().casefold(), part.strip())
    keys.pop("", None)
    if len(keys) > MOST_TAG_KEYS or not all(key.isprintable() and len(key) <= LONGEST_TAG_KEY for key in keys.values()):
        raise ValueError(f"at most {MOST_TAG_KEYS} tag keys separated by commas, or {NO_TAG_KEYS}")
    return tuple(keys.values())


def read_served_names(raw: str) -> tuple[str, ...]:
    """Parse host names and addresses of this service, separated by commas, into the form of `canonical_host`."""
    names = tuple(canonical_host(part.strip()) for part in raw.split(",") if part.strip())
    if not all(re.fullmatch(r"[a-z0-9_.-]+", name) or _address(name) for name in names):
        raise ValueError("host names or addresses separated by commas, without scheme, port or path")
    return names


def canonical_host(text: str) -> str:
    """Return the name or address of a host in its canonical spelling."""
    name = _ascii(text.lower().removesuffix("."))
    address = _address(name[1:-1] if name.startswith("[") and name.endswith("]") else name)
    if address is None:
        return name
    return str(getattr(address, "ipv4_mapped", None) or address)


def _ascii(name: str) -> str:
    """Write a name with non-ASCII letters as browsers send it."""
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the host."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
