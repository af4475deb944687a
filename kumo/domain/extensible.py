"""Rows that keep the fields of a newer version when an older one changes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensible:
    """A row that is read, changed and written again; `unknown` holds the fields that this version does not know."""

    unknown: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
