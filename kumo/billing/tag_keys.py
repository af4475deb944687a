"""The tags that are asked for: which tags of a bill they are, and the values that a row has of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from kumo.billing.row import NO_TAGS
from kumo.domain.names import LONGEST_NAME, compare_name, fit_name

_CACHED: Final = 4_096
# How AWS marks the tags of its users: before a colon in columns, an underscore in maps.
_USER: Final = ("user:", "user_")

Values = tuple[str, ...]
Tags = Mapping[str, str]


class TagKeys:
    """Keys that are asked for, in any spelling; None asks for all."""

    def __init__(self, keys: Collection[str] | None) -> None:
        self._wanted = None if keys is None else frozenset(map(compare_name, keys))
        self._shared: dict[tuple[tuple[str, str], ...], Tags] = {}
        self.has = lru_cache(maxsize=_CACHED)(self._has)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return self._wanted == frozenset()

    def _has(self, tag: str) -> bool:
        """Tell whether a tag is one of them."""
        return self._wanted is None or not self._wanted.isdisjoint(_names(tag))

    def choose(self, tags: Tags) -> Tags:
        """Return those of some tags that are asked for: one object for one content."""
        if self._wanted is None:
            return tags
        items = tuple((tag, value) for tag, value in tags.items() if self.has(tag))
        if not items:
            return NO_TAGS
        found = self._shared.get(items)
        if found is None:
            if len(self._shared) >= _CACHED:
                self._shared.clear()
            found = self._shared[items] = MappingProxyType(dict(items))
        return found


def value_reader(keys: Sequence[str]) -> Callable[[Tags], Values]:
    """Make a reader of the values that tags have for some keys; empty where they have none.

    Keys compare as names. Of several tags of one key the first that has a value counts.
    """
    values = _Values(keys)
    nothing: Values = ("",) * len(keys)
    # By identity: readers give the same object for the same text. It is kept, so that no other gets its identity.
    known: dict[int, tuple[Tags, Values]] = {}

    def read(tags: Tags) -> Values:
        if not tags:
            return nothing
        found = known.get(id(tags))
        if found is None:
            if len(known) >= _CACHED:
                known.clear()
            found = known[id(tags)] = tags, values.of(tags)
        return found[1]

    return read


def _names(tag: str) -> tuple[str, ...]:
    """Return the keys that a tag may be of, as they are compared: its name, and that without AWS's mark."""
    name = compare_name(tag)
    return (name, name[len(_USER[0]) :]) if name.startswith(_USER) else (name,)


class _Values:
    """Finds the values that tags have for some keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._places = {compare_name(key): place for place, key in enumerate(keys)}
        self._size = len(keys)
        self._place = lru_cache(maxsize=_CACHED)(self._find_place)

    def of(self, tags: Tags) -> Values:
        """Return the values of tags, for each key the first that has one; tags that have AWS's mark come last."""
        found, later = [""] * self._size, [""] * self._size
        for tag, value in tags.items():
            place, is_marked = self._place(tag)
            values = later if is_marked else found
            if place is not None and not values[place]:
                values[place] = _fit(value)
        return tuple(map(_first, found, later))

    def _find_place(self, tag: str) -> tuple[int | None, bool]:
        """Return which key a tag is of, if any, and whether only without AWS's mark."""
        names = _names(tag)
        place = next((self._places[name] for name in names if name in self._places), None)
        return place, names[0] not in self._places


def _first(one: str, other: str) -> str:
    return one or other


def _fit(value: str) -> str:
    if len(value) <= LONGEST_NAME and value.isascii() and value.isprintable() and not value.isspace():
        return value
    return fit_name(value) if compare_name(value) else ""
