"""The options of reading a bill."""

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
    """Return the column map of a table, NAME=COLUMN or NAME==VALUE; raise `ValueError` with the fault."""
    column_map.parse_map(text)
    return text


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of reading a bill. `currency` and `account` are for rows without one.

    `map` names the columns of a table of an unknown format, for `kumo.billing.column_map`.

    `detect` names charge categories to judge in addition to usage. `again` imports a bill even if it was imported
    before and a later delivery has replaced it. `complete`: the bill has all accounts of its billing account, so
    missing ones are removed. `source` is the origin of a bill; two sources add up. `counts` is the source or format
    that counts if two have the same account and day. `tag_keys` are the tag keys from the settings, by whose values
    entries are split. The rest are limits, as in `kumo.billing.Options`.
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
        """The part of the options for the bill reader; raise `ValueError` for an invalid map."""
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
        """Return the fingerprint of a bill with these options: the same fingerprint means the same entries."""
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
