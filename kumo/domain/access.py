"""API keys: what one is allowed to do, and how it is recognised without being kept."""

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PREFIX: Final = "kumo"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_TOKEN: Final = re.compile(PREFIX + r"_([a-z0-9][a-z0-9-]{0,39})_([A-Za-z0-9]{32,64})", re.ASCII)


class KeyScope(StrEnum):
    """What a key may do; `admin` may do all."""

    INGEST = "ingest"
    READ = "read"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: by the digest of its secret, never the secret. `created_at` in ms."""

    name: str
    scopes: frozenset[KeyScope]
    digest: str
    created_at: int

    def allows(self, scope: KeyScope) -> bool:
        """Tell whether the key may do what needs this scope."""
        return scope in self.scopes or KeyScope.ADMIN in self.scopes

    def matches(self, secret: str) -> bool:
        """Tell whether this is the key's secret, in a time that does not depend on how much of it is right."""
        return hmac.compare_digest(self.digest, digest(secret))


def digest(secret: str) -> str:
    """Return what is kept of a secret. It is random and long, so it needs neither salt nor slowness."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token(name: str, secret: str) -> str:
    """Write what a client sends: the name says which key it is, the secret proves it."""
    return f"{PREFIX}_{name}_{secret}"


def parse_token(text: str) -> tuple[str, str] | None:
    """Split a token into the key's name and its secret; None where it is none."""
    found = _TOKEN.fullmatch(text)
    return (found[1], found[2]) if found else None


def parse_name(text: str) -> str:
    """Read a key's name; raises `ValueError` for what could not stand in a token."""
    if not _NAME.fullmatch(text):
        raise ValueError("must be 1 to 40 of a-z, 0-9 and -, and begin with a letter or digit")
    return text


def parse_scopes(names: Collection[str]) -> frozenset[KeyScope]:
    """Read the names of scopes; raises `ValueError` for an unknown one or none at all."""
    if not names:
        raise ValueError("must name at least one scope")
    return frozenset(KeyScope(name) for name in names)
