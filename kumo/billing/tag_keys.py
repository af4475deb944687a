"""The tags that are asked for: which tags of a bill they are, and the values that a row has of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from kumo.billing.row import NO_TAGS
from kumo.domain.names import compare_name, fit_name

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
    places = {compare_name(key): place for place, key in enumerate(keys)}
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
            found = known[id(tags)] = tags, _values(tags, places)
        return found[1]

    return read


def _names(tag: str) -> tuple[str, ...]:
    """Return the keys that a tag may be of, as they are compared: its name, and that without AWS's mark."""
    name = compare_name(tag)
    return (name, name[len(_USER[0]) :]) if name.startswith(_USER) else (name,)


def _values(tags: Tags, places: Mapping[str, int]) -> Values:
    plain, marked = [""] * len(places), [""] * len(places)
    for tag, value in tags.items():
        for name, found in zip(_names(tag), (plain, marked), strict=False):
            if name in places and not found[places[name]]:
                found[places[name]] = _fit(value)
    return tuple(one or other for one, other in zip(plain, marked, strict=True))


def _fit(value: str) -> str:
    return fit_name(value) if compare_name(value) else ""
