"""Queries by tags: the part of an entry that they cover, and the value that it counts for."""

from collections.abc import Mapping
from dataclasses import dataclass

from kumo.domain.names import compare_name
from kumo.domain.parts import OTHER_VALUES, Labels

_ALL = ""


class NotKnownError(Exception):
    """The amount of an entry is split by two of the queried tags, and the overlap of their parts is not known."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A query by tags: wanted values by key, a key to sum by, and all keys of both, each in compared form.

    The empty value means: without the tag.
    """

    wanted: Mapping[str, str]
    by: str
    keys: frozenset[str]

    def pieces(self, labels: Labels, amount: int) -> Mapping[str, int]:
        """Return the queried part of an amount, by value of the key to sum by (else under the empty text).

        Raises `NotKnownError`.
        """
        if not self.wanted:
            return labels.get(self.by) or {_ALL: amount}
        splits = {key: labels.get(key) or {_ALL: amount} for key in self.keys}
        cut = [key for key, split in splits.items() if len(split) > 1]
        for key, value in self.wanted.items():
            splits[key] = {name: micros for name, micros in splits[key].items() if compare_name(name) == value}
        if not all(splits.values()):
            return {}
        if len(cut) > 1:
            raise NotKnownError
        if self.by in cut:
            return splits[self.by]
        name = next(iter(splits[self.by])) if self.by else _ALL
        return {name: sum(splits[cut[0]].values()) if cut else amount}

    def is_complete(self, labels: Labels) -> bool:
        """Return whether all values of an entry are known by name, for the queried keys."""
        return not any(OTHER_VALUES in labels[key] for key in self.keys if key in labels)


def ask_tags(wanted: Mapping[str, str], by: str = "") -> Tagged:
    """Return a query, from keys and values in any spelling."""
    values = {compare_name(key): compare_name(value) for key, value in wanted.items()}
    return Tagged(values, compare_name(by), frozenset({*values, compare_name(by)} if by else values))
