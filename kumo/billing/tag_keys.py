"""The wanted tags: finding them in a bill, and the values of a row."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from kumo.billing.row import NO_TAGS
from kumo.domain.names import LONGEST_NAME, compare_name, fit_name

_CACHED: Final = 4_096
# The prefixes of AWS for user tags: before a colon in columns, before an underscore in maps.
_USER: Final = ("user:", "user_")

Values = tuple[str, ...]
Tags = Mapping[str, str]


class TagKeys:
    """The wanted keys, in any spelling; None means all."""

    def __init__(self, keys: Collection[str] | None) -> None:
        self._wanted = None if keys is None else frozenset(map(compare_name, keys))
        self._shared: dict[tuple[tuple[str, str], ...], Tags] = {}
        self.has = lru_cache(maxsize=_CACHED)(self._has)

    @property
    def is_empty(self) -> bool:
        """Whether no key is wanted."""
        return self._wanted == frozenset()

    def _has(self, tag: str) -> bool:
        """Return whether a tag is one of them."""
        return self._wanted is None or not self._wanted.isdisjoint(_names(tag))

    def choose(self, tags: Tags) -> Tags:
        """Return the wanted ones of some tags: one object for one content."""
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
    """Return a reader of the values that tags have for some keys; empty without a value.

    Keys compare as names. Of several tags with one key, the first with a value counts.
    """
    values = _Values(keys)
    nothing: Values = ("",) * len(keys)
    # By identity: readers give the same object for the same text. It is kept, so that no other object gets its
    # identity.
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
    """Return the possible keys of a tag in compared form: its name, and its name without the prefix of AWS."""
    name = compare_name(tag)
    return (name, name[len(_USER[0]) :]) if name.startswith(_USER) else (name,)


class _Values:
    """Finds the values of tags for some keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._places = {compare_name(key): place for place, key in enumerate(keys)}
        self._size = len(keys)
        self._place = lru_cache(maxsize=_CACHED)(self._find_place)

    def of(self, tags: Tags) -> Values:
        """Return the values of tags, the first value for each key; tags with the prefix of AWS come last."""
        found, later = [""] * self._size, [""] * self._size
        for tag, value in tags.items():
            place, is_marked = self._place(tag)
            values = later if is_marked else found
            if place is not None and not values[place]:
                values[place] = _fit(value)
        return tuple(map(_first, found, later))

    def _find_place(self, tag: str) -> tuple[int | None, bool]:
        """Return the key of a tag, if any, and whether it matches only without the prefix of AWS."""
        names = _names(tag)
        place = next((self._places[name] for name in names if name in self._places), None)
        return place, names[0] not in self._places


def _first(one: str, other: str) -> str:
    return one or other


def _fit(value: str) -> str:
    if len(value) <= LONGEST_NAME and value.isascii() and value.isprintable() and not value.isspace():
        return value
    return fit_name(value) if compare_name(value) else ""
