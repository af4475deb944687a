"""Faults of the machine that go away by themselves and are not caused by the data."""

import errno
from typing import Final

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
PASSING: Final = FULL | {
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EIO, errno.EROFS, errno.ESTALE),
}


def is_passing(error: BaseException) -> bool:
    """Return whether an error means a full disk, too little memory, or too many open files."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in PASSING)


def is_full(error: BaseException) -> bool:
    """Return whether an error means a full disk or quota."""
    return isinstance(error, OSError) and error.errno in FULL


def describe(error: BaseException) -> str:
    """Describe the fault in a few words."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    return str(getattr(error, "strerror", None) or error)
