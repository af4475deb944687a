"""Files of a delivery in a folder: only regular files, and none outside of the delivery, even through links."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, Self

from kumo.billing import manifests
from kumo.billing.errors import BillError

# On systems that support it, a folder need not be readable to be passed through.
_PASS: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without it, opening a pipe would wait for a writer.
_READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class BillFile:
    """A file of a delivery, and the folder that contains the whole delivery; `path` begins with it."""

    path: Path
    root: Path

    @classmethod
    def alone(cls, path: Path) -> Self:
        """Return a file from the command line, wherever links lead.

        Its delivery is its folder, or a whole AWS Data Export if it is the manifest of one.
        """
        real = Path(os.path.realpath(path))
        return cls(real, Path(manifests.export_folder(PurePosixPath(real)) or real.parent))

    @property
    def place(self) -> PurePosixPath:
        """Its place relative to the root."""
        return PurePosixPath(self.path.relative_to(self.root))

    def open(self) -> IO[bytes]:
        """Open it; raise `BillError` if it is not a regular file or is outside, and `OSError`."""
        top, real = os.path.realpath(self.root), os.path.realpath(self.path)
        if not Path(real).is_relative_to(top):
            raise BillError("is a link to a file outside of its delivery's folder", self.path.name)
        number = _open_safely(top, Path(real).relative_to(top).parts)
        if stat.S_ISREG(os.fstat(number).st_mode):
            return os.fdopen(number, "rb")
        os.close(number)
        raise BillError("is not a regular file", self.path.name)

    def read_manifest(self) -> object:
        """Return this parsed file if it is a manifest, else None; raise the errors of `open`."""
        with self.open() as file:
            return manifests.read_document(file)

    def beside(self, key: object) -> Self | None:
        """Return a file that this manifest names, or None; raise `BillError` for a name that leads elsewhere."""
        for place in manifests.places(self.place, key):
            path = self.root / place
            if os.path.isfile(path):  # noqa: PTH113 - Path.is_file() raises where a name is too long
                return type(self)(path, self.root)
        return None


def _open_safely(top: str, steps: Sequence[str]) -> int:
    """Open step by step without following links: a checked path may be replaced by a link meanwhile."""
    here = os.open(top, _PASS)
    try:
        for step in steps[:-1]:
            deeper = os.open(step, _PASS, dir_fd=here)
            os.close(here)
            here = deeper
        return os.open(steps[-1] if steps else ".", _READ, dir_fd=here)
    finally:
        os.close(here)
