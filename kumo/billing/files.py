"""Files of a delivery in a folder: regular ones, and none that lies outside of the delivery, by whatever link."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final, Self

from kumo.billing import manifests
from kumo.billing.errors import BillError

# Where the system knows it, a folder need not be readable to be passed through.
_PASS: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Opening a pipe would else wait for someone who writes into it.
_READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class BillFile:
    """A file of a delivery, and the folder that nothing of the delivery may lie outside of; `path` begins with it."""

    path: Path
    root: Path

    @classmethod
    def alone(cls, path: Path) -> Self:
        """Return a file that a person names, wherever links lead there.

        Its delivery is the folder that it lies in, or all of an AWS Data Export where it is the manifest of one.
        """
        real = Path(os.path.realpath(path))
        return cls(real, Path(manifests.export_folder(PurePosixPath(real)) or real.parent))

    @property
    def place(self) -> PurePosixPath:
        """Where it lies, seen from the root."""
        return PurePosixPath(self.path.relative_to(self.root))

    def open(self) -> IO[bytes]:
        """Open it; raises `BillError` where it is no regular file or lies outside, and `OSError`."""
        top, real = os.path.realpath(self.root), os.path.realpath(self.path)
        if not Path(real).is_relative_to(top):
            raise BillError("is a link to a file outside of the folder of its delivery", self.path.name)
        number = _open_safely(top, Path(real).relative_to(top).parts)
        if stat.S_ISREG(os.fstat(number).st_mode):
            return os.fdopen(number, "rb")
        os.close(number)
        raise BillError("is no regular file", self.path.name)

    def read_manifest(self) -> object:
        """Return what this file says where it is a manifest, else None; raises as `open` does."""
        with self.open() as file:
            return manifests.read_document(file)

    def beside(self, key: object) -> Self | None:
        """Find a file that this manifest names, or None; raises `BillError` for a name that leads elsewhere."""
        for place in manifests.places(self.place, key):
            path = self.root / place
            if os.path.isfile(path):  # noqa: PTH113 - Path.is_file() raises where a name is too long
                return type(self)(path, self.root)
        return None


def _open_safely(top: str, steps: Sequence[str]) -> int:
    """Open step by step and follow no link: what a path was resolved to may be replaced by one meanwhile."""
    here = os.open(top, _PASS)
    try:
        for step in steps[:-1]:
            deeper = os.open(step, _PASS, dir_fd=here)
            os.close(here)
            here = deeper
        return os.open(steps[-1] if steps else ".", _READ, dir_fd=here)
    finally:
        os.close(here)
