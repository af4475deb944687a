"""Groups: all costs that share a value of a dimension, in one currency."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from kumo.domain.entries import Series
from kumo.domain.names import compare_name

ALL: Final = "all"
PAIR: Final = "account,service"
# The names of a series that form the value of each dimension, in the order of a series' groups.
DIMENSIONS: Final[Mapping[str, Callable[[Series], tuple[str, ...]]]] = MappingProxyType(
    {
        ALL: lambda _: (),
        "provider": lambda series: (series.provider,),
        "account": lambda series: (series.account,),
        "service": lambda series: (series.service,),
        "region": lambda series: (series.region,),
        PAIR: lambda series: (series.account, series.service),
    }
)


@dataclass(frozen=True, slots=True)
class Group:
    """One value of a dimension in one currency.

    `values` are the names of the value as spelled: none for `all`, two for `account,service`, else one, which may be
    empty. Two groups whose names differ only in spelling are the same: they share their `id`.
    """

    dimension: str
    values: tuple[str, ...]
    currency: str

    @property
    def value(self) -> str:
        """Its value as one text."""
        return ",".join(self.values)

    @property
    def id(self) -> str:
        """Sixteen letters: 80 bits of the SHA-256 of its fields, like the id of a series."""
        return _group_id(self.dimension, self.values, self.currency)


@lru_cache(maxsize=50_000)
def _group_id(dimension: str, values: tuple[str, ...], currency: str) -> str:
    text = json.dumps([dimension, *map(compare_name, values), compare_name(currency)])
    return base64.b32encode(hashlib.sha256(text.encode()).digest()[:10]).decode().lower()


def find_groups(series: Series) -> tuple[Group, ...]:
    """Return the groups that a series belongs to by its names, one of each dimension, in the order of `DIMENSIONS`."""
    return tuple(Group(name, values(series), series.currency) for name, values in DIMENSIONS.items())
