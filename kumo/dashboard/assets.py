"""The files of the page: ours, and the chart library from its wheel, under one version.

Each process reads and compresses them once, so serving a file needs no disk access.

WhiteNoise would serve them in front of Flask, so without `X-Request-Id`, the counts of requests, and the problem
document for an unknown name. It does not compress while it serves, but needs a `.gz` beside each file, which the
wheel would have to contain; and the chart library is served with one line more than its file. Flask-Compress would
compress each answer again, or keep a second copy beside the one in `kumo.api.response_cache`; it needs Brotli and
Zstandard, and would save ten lines.
"""

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# uPlot 1.6.31 (MIT, Leon Sorokin) from the wheel `youplot`; a test compares both files with the digests
# of uPlot's own release. docs/dashboard.md says why this wheel. Its script defines one name; the export line makes it
# a module.
_WHEEL: Final = "youplot"
_EXPORT: Final = b"\nexport default uPlot;\n"
_VERSION_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, the compressed bytes, and its media type."""

    body: bytes
    compressed: bytes
    mimetype: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by name, and their common version: a digest of their contents."""

    version: str
    files: Mapping[str, Asset]

    @property
    def modules(self) -> list[str]:
        """The names of the scripts."""
        return [name for name in self.files if name.endswith(".js")]


@cache
def assets() -> Assets:
    """Return the files of the page."""
    found = dict(sorted([*_ours(), *_charts()]))
    digest = hashlib.sha256()
    for name, body in found.items():
        digest.update(f"{name} {len(body)}\n".encode() + body)
    return Assets(digest.hexdigest()[:_VERSION_LENGTH], {name: _asset(name, body) for name, body in found.items()})


def library(name: str) -> bytes:
    """Return a file of the chart library from its wheel, without importing the wheel's Python."""
    return Path(str(distribution(_WHEEL).locate_file(f"{_WHEEL}/vendor/{name}"))).read_bytes()


def _ours() -> Iterable[tuple[str, bytes]]:
    return ((path.name, path.read_bytes()) for path in _FOLDER.iterdir() if path.suffix in _TYPES)


def _charts() -> Iterable[tuple[str, bytes]]:
    yield "uplot.js", library("uplot.iife.min.js") + _EXPORT
    yield "uplot.css", library("uplot.min.css")


def _asset(name: str, body: bytes) -> Asset:
    return Asset(body, gzip.compress(body, mtime=0), _TYPES[Path(name).suffix])
