"""Groups: all costs of one currency that share a value of a dimension."""

import base64
import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from kumo.domain.entries import Entry, Series
from kumo.domain.names import compare_name
from kumo.domain.parts import OTHER_VALUES
from kumo.domain.totals.amounts import PeriodTotal, entry_total

ALL: Final = "all"
PROVIDER: Final = "provider"
ACCOUNT: Final = "account"
SERVICE: Final = "service"
REGION: Final = "region"
ACCOUNT_SERVICE: Final = "account,service"
TAG: Final = "tag:"
# From the broadest to the narrowest; the values of tags come after them.
DIMENSIONS: Final = (ALL, PROVIDER, ACCOUNT, SERVICE, REGION, ACCOUNT_SERVICE)

MOST_JUDGED: Final = 5_000  # values of a dimension in one currency
CHOICE_DAYS: Final = 35  # by whose spend they are chosen
COMPLETE_DAYS: Final = 10  # of the currency's `all`, from which on its groups are judged


@dataclass(frozen=True, slots=True)
class Group:
    """A value of a dimension in one currency, as spelled; all spellings of it are one group.

    `value` has no name for `all`, two for `account,service`, else one. The empty name is that of costs without a value.
    """

    dimension: str
    value: tuple[str, ...]
    currency: str

    @property
    def key(self) -> list[str]:
        """Its parts as they are compared."""
        return [self.dimension, self.currency, *map(compare_name, self.value)]

    @property
    def id(self) -> str:
        """Sixteen letters, like the id of a series: 80 bits of the SHA-256 of its key."""
        return _group_id(self)

    @property
    def tag(self) -> str | None:
        """The key of a tag, in compared form, if it is a value of one."""
        return self.dimension.removeprefix(TAG) if self.dimension.startswith(TAG) else None

    @property
    def is_remainder(self) -> bool:
        """Whether it is summed and never judged: costs without a tag, and values that an import did not keep apart."""
        return self.tag is not None and self.value in {("",), (OTHER_VALUES,)}


@lru_cache(maxsize=50_000)
def _group_id(group: Group) -> str:
    # A series' key never begins with this word and has no list inside.
    digest = hashlib.sha256(json.dumps(["group", group.key]).encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()


class GroupShare(NamedTuple):
    """The share of an entry in a group. An excluded cost counts in the shown sum, not in the judged one."""

    group: Group
    total: PeriodTotal
    is_judged: bool


def parse_dimension(text: str, tag_keys: Iterable[str]) -> str:
    """Read the name of a dimension, with the keys of tags that are summed; raises `ValueError`."""
    known = {*DIMENSIONS, *map(name_tag_dimension, tag_keys)}
    name = name_tag_dimension(text.removeprefix(TAG)) if text.startswith(TAG) else text
    if name not in known:
        raise ValueError(f"must be one of {', '.join([*DIMENSIONS, *sorted(known.difference(DIMENSIONS))])}")
    return name


@lru_cache(maxsize=1_000)
def name_tag_dimension(key: str) -> str:
    """Return the dimension of a tag's key, in any spelling."""
    return TAG + compare_name(key)


@lru_cache(maxsize=50_000)
def groups_of_series(series: Series) -> tuple[Group, ...]:
    """Return the groups that each entry of a series belongs to as a whole: one for each dimension but the tags."""
    values = {
        ALL: (),
        PROVIDER: (series.provider,),
        ACCOUNT: (series.account,),
        SERVICE: (series.service,),
        REGION: (series.region,),
        ACCOUNT_SERVICE: (series.account, series.service),
    }
    return tuple(Group(dimension, values[dimension], series.currency) for dimension in DIMENSIONS)


def share_entry(entry: Entry, tag_keys: Sequence[str]) -> Iterator[GroupShare]:
    """Yield the share of an entry in each of its groups; the shares of a dimension add up to the entry.

    An entry that is split by the values of a tag counts once in the group of each value, without a quantity.
    """
    is_judged = not entry.series.charge_category
    whole = entry_total(entry.amount, entry.quantity, entry.unit)
    for group in groups_of_series(entry.series):
        yield GroupShare(group, whole, is_judged)
    labels = entry.labels
    for key in tag_keys:
        parts = _merge_spellings(labels.get(compare_name(key)) or {"": entry.amount})
        for value, micros in parts.items():
            group = Group(name_tag_dimension(key), (value,), entry.series.currency)
            yield GroupShare(group, whole if len(parts) == 1 else entry_total(micros), is_judged)


def _merge_spellings(split: Mapping[str, int]) -> Mapping[str, int]:
    """Return the micros of each value, with those of its other spellings."""
    if len(split) == 1:
        return split
    names: dict[str, str] = {}
    merged: dict[str, int] = {}
    for value, micros in split.items():
        name = names.setdefault(compare_name(value), value)
        merged[name] = merged.get(name, 0) + micros
    return merged


def choose_judged(spend: Mapping[str, int], most: int = MOST_JUDGED) -> frozenset[str]:
    """Return the ids of the groups of one dimension and currency that are judged: those with the largest spend.

    `spend` holds the micros of the newest `CHOICE_DAYS` days, by id. Credits count by their size. Done once a day.
    """
    if len(spend) <= most:
        return frozenset(spend)
    return frozenset(heapq.nsmallest(most, spend, key=lambda each: (-abs(spend[each]), each)))


def has_own_verdict(group: Group, *, complete_days: int, series: int, is_chosen: bool) -> bool:
    """Return whether a group is judged on its own.

    This needs ten complete days of its currency's `all`, and more than one series, because a single series has a
    verdict. `series` counts those with entries in the newest `CHOICE_DAYS` days, without excluded ones.
    """
    return complete_days >= COMPLETE_DAYS and series > 1 and is_chosen and not group.is_remainder
