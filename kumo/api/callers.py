"""By which names this service may be called, and for which pages a browser may write to it.

A browser sends what the pages in it want sent, also to this machine. `Host` says by which name the service was called:
a page may let a name of its own lead here (DNS rebinding), and would then read and write all that needs no key.
`Origin` and `Sec-Fetch-Site` say whose page it is. What a proxy adds, such as `X-Forwarded-Host`, vouches for nothing.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from kumo.kinds import ANY_ORIGIN, canonical_host, is_loopback
from kumo.settings import Settings

PORTS: Final = {"http": 80, "https": 443}
# Host headers and origins whose outcome is remembered: clients have few, and send the same ones each time.
_REMEMBERED: Final = 256
_HOST: Final = re.compile(r"(\[[0-9a-f:.%]+\]|[\w.-]+)(?::(\d{0,5}))?", re.ASCII | re.IGNORECASE)


class _Origin(NamedTuple):
    """Where a page comes from: a host as `canonical_host` writes it."""

    scheme: str
    host: str
    port: int


class Callers:
    """The names and the origins that the settings allow."""

    def __init__(self, settings: Settings) -> None:
        """Read what does not change."""
        public = urlsplit(settings.public_url)
        self._names = {*map(canonical_host, (settings.host, public.hostname or "")), *settings.allowed_hosts}
        self._own = _parse_origin(f"{public.scheme}://{public.netloc.rpartition('@')[2]}")
        self._listed = {_parse_origin(origin) for origin in settings.cors_origins}
        self.lists_any = ANY_ORIGIN in settings.cors_origins
        self.knows_name = lru_cache(_REMEMBERED)(self._knows_name)
        self.is_own = lru_cache(_REMEMBERED)(self._is_own)
        self.is_listed = lru_cache(_REMEMBERED)(self._is_listed)

    def _knows_name(self, host: str) -> bool:
        """Tell whether the service may be called so: what a Host header holds, whatever the port."""
        found = _HOST.fullmatch(host)
        name = canonical_host(found[1]) if found else ""
        return bool(name) and (name in self._names or _is_local(name))

    def _is_own(self, origin: str, host: str) -> bool:
        """Tell whether a page is the service's own: of the host and port that it is called by, or of its public URL."""
        page, called = _parse_origin(origin), _HOST.fullmatch(host)
        if page is None or called is None:
            return False
        return page == self._own or (page.host, page.port) == (
            canonical_host(called[1]),
            int(called[2] or PORTS[page.scheme]),
        )

    def _is_listed(self, origin: str) -> bool:
        """Tell whether the settings list an origin by itself."""
        page = _parse_origin(origin)
        return page is not None and page in self._listed


def _parse_origin(text: str) -> _Origin | None:
    """Read an origin; None where it is none, such as `null`."""
    scheme, _, host = text.partition("://")
    found = _HOST.fullmatch(host)
    if scheme not in PORTS or found is None:
        return None
    return _Origin(scheme, canonical_host(found[1]), int(found[2] or PORTS[scheme]))


def _is_local(name: str) -> bool:
    """Tell whether a name leads to this machine everywhere; what ends in .localhost does by RFC 6761."""
    return is_loopback(name) or name.endswith(".localhost")
