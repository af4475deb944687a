"""The host names that requests may use, and the origins whose pages may write.

A browser sends requests for the pages in it, also to this machine. `Host` is the name in the request: a page may point
its own name to this machine (DNS rebinding) and would then read and write everything that needs no key. `Origin` and
`Sec-Fetch-Site` identify the page. Headers of proxies, such as `X-Forwarded-Host`, prove nothing.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from kumo.kinds import ANY_ORIGIN, canonical_host, is_loopback
from kumo.settings import Settings

PORTS: Final = {"http": 80, "https": 443}
# Number of Host headers and origins whose result is cached: clients send the same few each time.
_REMEMBERED: Final = 256
_HOST: Final = re.compile(r"(\[[0-9a-f:.%]+\]|[\w.-]+)(?::(\d{0,5}))?", re.ASCII | re.IGNORECASE)


class _Origin(NamedTuple):
    """The origin of a page: its host has the form of `canonical_host`."""

    scheme: str
    host: str
    port: int


class Callers:
    """The host names and origins that the settings allow."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the values that do not change."""
        public = urlsplit(settings.public_url)
        self._names = {*map(canonical_host, (settings.host, public.hostname or "")), *settings.allowed_hosts}
        self._own = _parse_origin(f"{public.scheme}://{public.netloc.rpartition('@')[2]}")
        self._listed = {_parse_origin(origin) for origin in settings.cors_origins}
        self.lists_any = ANY_ORIGIN in settings.cors_origins
        self.knows_name = lru_cache(_REMEMBERED)(self._knows_name)
        self.is_own = lru_cache(_REMEMBERED)(self._is_own)
        self.is_listed = lru_cache(_REMEMBERED)(self._is_listed)

    def _knows_name(self, host: str) -> bool:
        """Return whether a Host header names this service; the port does not matter."""
        found = _HOST.fullmatch(host)
        name = canonical_host(found[1]) if found else ""
        return bool(name) and (name in self._names or _is_local(name))

    def _is_own(self, origin: str, host: str) -> bool:
        """Return whether a page is the service's own: same host and port as the request, or as the public URL."""
        page, called = _parse_origin(origin), _HOST.fullmatch(host)
        if page is None or called is None:
            return False
        return page == self._own or (page.host, page.port) == (
            canonical_host(called[1]),
            int(called[2] or PORTS[page.scheme]),
        )

    def _is_listed(self, origin: str) -> bool:
        """Return whether the settings list an origin."""
        page = _parse_origin(origin)
        return page is not None and page in self._listed


def _parse_origin(text: str) -> _Origin | None:
    """Read an origin; None if it is not one, such as `null`."""
    scheme, _, host = text.partition("://")
    found = _HOST.fullmatch(host)
    if scheme not in PORTS or found is None:
        return None
    return _Origin(scheme, canonical_host(found[1]), int(found[2] or PORTS[scheme]))


def _is_local(name: str) -> bool:
    """Return whether a name always means this machine; names in .localhost do (RFC 6761)."""
    return is_loopback(name) or name.endswith(".localhost")
