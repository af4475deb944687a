"""The keys and arguments of a script, by name: read from its header, so that a call and the script cannot disagree.

A header declares each key and each argument, one column after `KEYS` and `ARGV`:

    -- KEYS  hash     workers
    --       strings  seq, cursor
    --       sets     with[]
    -- ARGV  window   entries in a window
    --       ids[]    a list of values
    --       entries[series, amount]
    --                a list of rows, each with these fields; this line only explains

The script uses them as `keys.seq` and `args.window`; in a list with fields, each item is a table. Redis itself knows
keys and arguments only by position: only this module writes the positions.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, TypeAlias, cast

from kumo.store.partition import Partition

Value: TypeAlias = str | int | float | bytes
Row: TypeAlias = Mapping[str, Value]
Argument: TypeAlias = Value | Sequence[Value] | Sequence[Row]
Keys: TypeAlias = Partition | Mapping[str, str | Sequence[str]]
"""The keys of a script by name: those of a partition, whose attributes have these names, or others."""

_SECTION: Final = re.compile(r"^-- (KEYS|ARGV|Returns|    )  (\S.*)$")
_GAP: Final = re.compile(r"\s{2,}")
_NAME: Final = re.compile(r"^(\w+)(\[(.*)\])?$")
_NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A key or an argument; `fields` of each item for a list, None for one value."""

    name: str
    fields: tuple[str, ...] | None = None


class Signature:
    """The keys and arguments of a script, in order: lists come last."""

    def __init__(self, script: str, keys: Sequence[Parameter], args: Sequence[Parameter]) -> None:
        """Keep the declarations."""
        self.script = script
        self.keys = tuple(keys)
        self.args = tuple(args)
        self._key_names = {key.name for key in keys}
        self._arg_names = {arg.name for arg in args}
        self._single = [arg.name for arg in args if arg.fields is None]
        self._lists = [(arg.name, itemgetter(*arg.fields) if arg.fields else None) for arg in args[len(self._single) :]]

    def bind_keys(self, keys: Keys) -> list[str]:
        """Return keys in order; raise `TypeError` if one is missing or not declared."""
        if isinstance(keys, Partition):
            return [getattr(keys, key.name) for key in self.keys]
        if keys.keys() != self._key_names:
            raise self._mismatch("keys", self._key_names, keys)
        bound: list[str] = []
        for key in self.keys:
            given = keys[key.name]
            bound += [given] if isinstance(given, str) else given
        return bound

    def bind_args(self, args: Mapping[str, Argument]) -> list[Value]:
        """Return arguments in order; raise `TypeError` if one is missing or not declared."""
        if args.keys() != self._arg_names:
            raise self._mismatch("arguments", self._arg_names, args)
        bound = [cast("Value", args[name]) for name in self._single]
        for name, pick in self._lists:
            items = cast("Sequence[Value] | Sequence[Row]", args[name])
            bound.append(len(items))
            bound += self._flatten(name, pick, cast("Sequence[Row]", items)) if pick else cast("Sequence[Value]", items)
        return bound

    def _flatten(self, name: str, pick: Callable[[Row], tuple[Value, ...]], rows: Sequence[Row]) -> list[Value]:
        fields = next(arg.fields for arg in self.args if arg.name == name) or ()
        flat: list[Value] = []
        for row in rows:
            try:
                values = pick(row)
            except KeyError:
                values = ()
            if len(values) != len(row):
                raise self._mismatch(name, fields, row)
            flat += values
        return flat

    def _mismatch(self, what: str, declared: Iterable[str], given: Iterable[str]) -> TypeError:
        return TypeError(f"{self.script}.lua takes the {what} {sorted(declared)}, not {sorted(given)}")

    def preamble(self) -> str:
        """Return the Lua that gives keys and arguments their names, in one line."""
        places = enumerate(self.keys, 1)
        found = (f"KEYS[{place}]" if key.fields is None else f"{{unpack(KEYS, {place})}}" for place, key in places)
        keys = _write_table(self.keys, found)
        single = len(self._single)
        args = _write_table(self.args[:single], (f"ARGV[{place}]" for place in range(1, single + 1)))
        lists = "".join(map(_read_list, self.args[single:]))
        more = f" do local at = {single + 1}{lists} end" if lists else ""
        return f"local keys, args = {keys}, {args}{more}\n"


def _read_list(arg: Parameter) -> str:
    """Return the Lua that reads one list: the number of items, then their values."""
    width = len(arg.fields or ()) or 1
    fields = (f"{name} = ARGV[at + {place}]" for place, name in enumerate(arg.fields or (), 1))
    item = f"{{{', '.join(fields)}}}" if arg.fields else "ARGV[at + 1]"
    step = f"list[i] = {item} at = at + {width}"
    return f" do local list = {{}} for i = 1, tonumber(ARGV[at]) do {step} end at = at + 1 args.{arg.name} = list end"


def _write_table(names: Sequence[Parameter], values: Iterable[str]) -> str:
    return f"{{{', '.join(f'{each.name} = {value}' for each, value in zip(names, values, strict=True))}}}"


def read(script: str, text: str) -> Signature:
    """Parse the header of a script; raise `ValueError` if it declares something twice, or a value after a list."""
    keys, args = _read_declared(text, "KEYS"), _read_declared(text, "ARGV")
    names = [name for _, listed, *_ in keys for name in listed.split(", ")]
    return Signature(
        script, _parameters(script, names), _parameters(script, [name for name, *_ in args if name != _NONE])
    )


def _read_declared(text: str, wanted: str) -> Iterator[list[str]]:
    """Yield the columns of each declaration in one section."""
    section = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            return
        found = _SECTION.match(line)
        if found:
            section = found[1].strip() or section
            if section == wanted:
                yield _GAP.split(found[2])


def _parameters(script: str, names: Sequence[str]) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    for text in names:
        name = _NAME.match(text)
        if not name or (name[3] and ", " not in name[3]):
            raise ValueError(f"{script}.lua declares {text!r}, which is no name, nor a list of values or of rows")
        fields = None if name[2] is None else tuple(filter(None, name[3].split(", ")))
        found.append(Parameter(name[1], fields))
    lists = [each.fields is not None for each in found]
    if len({each.name for each in found}) < len(found) or lists != sorted(lists):
        raise ValueError(f"{script}.lua declares a name twice, or one value after a list: {names}")
    return tuple(found)
