"""Faults of the machine: they pass by themselves, and say nothing about what was being read or written."""

import errno
from typing import Final

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
PASSING: Final = FULL | {
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EIO, errno.EROFS, errno.ESTALE),
}


def is_passing(error: BaseException) -> bool:
    """Tell whether an error comes of a full disk, of too little memory, or of too many open files."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in PASSING)


def is_full(error: BaseException) -> bool:
    """Tell whether an error comes of a disk, or a share of one, that is full."""
    return isinstance(error, OSError) and error.errno in FULL


def describe(error: BaseException) -> str:
    """Say what is wrong, in a few words."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    return str(getattr(error, "strerror", None) or error)
