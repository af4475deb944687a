"""API keys: their scopes, and how Kumo recognises a key without storing it."""

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
    """The rights of a key; `admin` includes all others."""

    INGEST = "ingest"
    READ = "read"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A stored key: it has the digest of the secret, never the secret. `created_at` in ms."""

    name: str
    scopes: frozenset[KeyScope]
    digest: str
    created_at: int

    def allows(self, scope: KeyScope) -> bool:
        """Return whether the key has the rights of this scope."""
        return scope in self.scopes or KeyScope.ADMIN in self.scopes

    def matches(self, secret: str) -> bool:
        """Return whether this is the key's secret, in a time that does not depend on how much of it is right."""
        return hmac.compare_digest(self.digest, digest(secret))


def digest(secret: str) -> str:
    """Return the stored form of a secret. The secret is random and long, so it needs neither salt nor a slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token(name: str, secret: str) -> str:
    """Write the token for a client: the name identifies the key, the secret proves it."""
    return f"{PREFIX}_{name}_{secret}"


def parse_token(text: str) -> tuple[str, str] | None:
    """Split a token into the key's name and its secret; None if it is malformed."""
    found = _TOKEN.fullmatch(text)
    return (found[1], found[2]) if found else None


def parse_name(text: str) -> str:
    """Parse the name of a key; raise `ValueError` if it is not allowed in a token."""
    if not _NAME.fullmatch(text):
        raise ValueError("must be 1 to 40 of a-z, 0-9 and -, and begin with a letter or digit")
    return text


def parse_scopes(names: Collection[str]) -> frozenset[KeyScope]:
    """Parse names of scopes; raise `ValueError` for an unknown one or an empty list."""
    if not names:
        raise ValueError("must name at least one scope")
    return frozenset(KeyScope(name) for name in names)
