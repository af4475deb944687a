"""Converting the results of scripts to their types; any other result is a fault of Kumo, and a `TypeError`."""

from typing import TypeVar

from kumo.store.protocol import Answer

_Kind = TypeVar("_Kind")


def number(answer: Answer) -> int:
    """Read a whole number, which may come as text."""
    if isinstance(answer, bytes):
        return int(answer)
    return _check(answer, int)


def text(answer: Answer) -> bytes:
    """Read a text."""
    return _check(answer, bytes)


def optional_text(answer: Answer) -> bytes | None:
    """Read a text that may be missing."""
    return None if answer is None else _check(answer, bytes)


def optional_number(answer: Answer) -> int | None:
    """Read a number that may be missing."""
    return None if answer is None else number(answer)


def items(answer: Answer) -> list[Answer]:
    """Read a list."""
    return _check(answer, list)


def texts(answer: Answer) -> list[bytes]:
    """Read a list of texts."""
    return [_check(item, bytes) for item in items(answer)]


def _check(answer: Answer, kind: type[_Kind]) -> _Kind:
    if not isinstance(answer, kind):
        raise TypeError(f"A script has returned {answer!r:.80}, not {kind.__name__}.")
    return answer
