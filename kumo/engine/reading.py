"""Reading a bill into what it wants stored: the choices, the progress, the entries of each scope."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kumo.billing.totals import Amount, Granularity

# Told what is going on ("reading" in bytes, "recording" and "judging" in entries), how much of it is done, and of how
# much; 0 where that is not known.
Progress = Callable[[str, int, int], None]
SILENT: Final[Progress] = lambda _phase, _done, _total: None  # noqa: E731 - a default, not a function of its own
MAX_BYTES: Final = 64 << 30


@dataclass(frozen=True, slots=True)
class Choices:
    """How a bill is to be read. `currency` and `account` are for rows that name none.

    `detect` names charge categories that detection looks at besides usage. `max_bytes` bounds the decompressed size.
    """

    granularity: Granularity = "daily"
    amount: Amount = "amortized"
    currency: str = ""
    account: str = ""
    detect: frozenset[str] = frozenset()
    max_bytes: int = MAX_BYTES
