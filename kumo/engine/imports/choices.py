"""How a bill is to be read: what can be chosen, and a choice of it."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from kumo.billing import Options, column_map, totals
from kumo.billing.totals import Amount, Granularity
from kumo.domain.categories import USAGE
from kumo.domain.names import compare_name

AMOUNTS: Final = totals.AMOUNTS
GRANULARITIES: Final = tuple(totals.STEPS)
LIMITS: Final = Options()


def check_map(text: str) -> str:
    """Return the column map of a table, NAME=COLUMN or NAME==VALUE; raises `ValueError` that says what is wrong."""
    column_map.parse_map(text)
    return text


@dataclass(frozen=True, slots=True)
class Choices:
    """How a bill is to be read. `currency` and `account` are for rows that name none.

    `map` names the columns of a table of no format that Kumo knows, as `kumo.billing.column_map` reads it.

    `detect` names charge categories that detection looks at besides usage. `again` imports a bill also where it was
    imported before and a later delivery has replaced it since. `complete` says that a bill has all accounts of its
    billing account: those that it lacks are gone. `source` says where a bill came from: those of two sources add up.
    `counts` says which source counts, or which format, where two have the same account and day. `tag_keys` are those by
    whose values entries are split, as the settings say. The rest are limits, as in `kumo.billing.Options`.
    """

    granularity: Granularity = "daily"
    amount: Amount = "amortized"
    currency: str = ""
    account: str = ""
    detect: frozenset[str] = frozenset()
    map: str = ""
    again: bool = False
    complete: bool = False
    source: str = ""
    counts: str = ""
    tag_keys: tuple[str, ...] = ()
    max_bytes: int = LIMITS.max_bytes
    max_records: int = LIMITS.max_records
    max_totals: int = LIMITS.max_totals

    @property
    def options(self) -> Options:
        """What the reader of a bill needs of them; raises `ValueError` for a map that makes no sense."""
        return Options(
            currency=self.currency,
            account=self.account,
            columns=column_map.parse_map(self.map) if self.map else None,
            tag_keys=self.tag_keys,
            max_bytes=self.max_bytes,
            max_records=self.max_records,
            max_totals=self.max_totals,
        )

    def fingerprint(self, digest: str) -> str:
        """Name a bill as it is read under these choices: the same name means the same entries."""
        parts: list[object] = [
            digest,
            self.granularity,
            self.amount,
            self.currency,
            self.account,
            sorted(self.detect - {USAGE}),
        ]
        parts += [self.map] if self.map else []
        parts += ["complete"] if self.complete else []
        parts += [{"tags": sorted(map(compare_name, self.tag_keys))}] if self.tag_keys else []
        parts += [{"source": self.source, "counts": self.counts}] if self.source or self.counts else []
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
