"""Keys and arguments by name: a call and its script cannot disagree, and no part reads what it was not given."""

import re
from pathlib import Path
from typing import Final

import pytest
from redis import Redis

from kumo.store import scripts, signatures
from kumo.store.partition import Partition
from kumo.store.signatures import Parameter
from tests.store.lua import globals_of

FOLDER: Final = Path(scripts.__file__).parent / "lua"
SCRIPTS: Final = sorted(path.stem for path in FOLDER.glob("*.lua"))
PARTS: Final = sorted(path.stem for path in FOLDER.glob("parts/*.lua"))
LIBRARY: Final = {
    "cjson",
    "ipairs",
    "math",
    "next",
    "pairs",
    "redis",
    "string",
    "table",
    "tonumber",
    "tostring",
    "type",
    "unpack",
}
HEADER: Final = """-- Do something.
--
-- KEYS  strings     seq, cursor
--       sets        with[]  any number of them
-- ARGV  window      entries in a window
--       names[]
--       rows[id, amount]
--                   amount in micros
-- Returns  nothing
return 0
"""
GIVEN: Final = {"window": 5, "names": ["a"], "rows": [{"amount": 7, "id": "x"}, {"id": "y", "amount": 8}]}


def test_a_header_declares_keys_and_arguments_in_order() -> None:
    found = signatures.read("some", HEADER)
    assert found.keys == (Parameter("seq"), Parameter("cursor"), Parameter("with", ()))
    assert found.args == (Parameter("window"), Parameter("names", ()), Parameter("rows", ("id", "amount")))


def test_what_is_given_by_name_comes_in_the_order_of_the_header() -> None:
    found = signatures.read("some", HEADER)
    assert found.bind_keys({"with": ["c", "d"], "cursor": "b", "seq": "a"}) == ["a", "b", "c", "d"]
    assert found.bind_args(GIVEN) == [5, 1, "a", 2, "x", 7, "y", 8]


def test_a_partition_gives_the_keys_that_are_its_attributes() -> None:
    found = signatures.read("some", HEADER.replace("--       sets        with[]  any number of them\n", ""))
    assert found.bind_keys(Partition(7)) == ["kumo:{7}:seq", "kumo:{7}:cursor"]


def test_a_script_finds_them_by_name(redis_client: Redis) -> None:
    found = signatures.read("some", HEADER)
    text = found.preamble() + (
        "return {keys.seq, keys.cursor, keys.with[2], args.window, args.names[1], args.rows[2].id, args.rows[2].amount}"
    )
    keys = found.bind_keys({"seq": "a", "cursor": "b", "with": ["c", "d"]})
    answer = redis_client.eval(text, len(keys), *keys, *found.bind_args(GIVEN))
    assert answer == [b"a", b"b", b"d", b"5", b"a", b"y", b"8"]


@pytest.mark.parametrize("keys", [{"seq": "a"}, {"seq": "a", "cursor": "b", "with": [], "wake": "c"}])
def test_a_key_that_is_missing_or_not_declared_is_refused(keys: dict[str, str]) -> None:
    with pytest.raises(TypeError, match=r"some\.lua takes"):
        signatures.read("some", HEADER).bind_keys(keys)


@pytest.mark.parametrize(
    "wrong",
    [
        {"more": 1},
        {"rows": [{"id": "x"}]},
        {"rows": [{"id": "x", "amount": 7, "more": 1}]},
        {"rows": [{"id": 1, "no": 2}]},
    ],
)
def test_an_argument_or_a_field_that_is_missing_or_not_declared_is_refused(wrong: dict[str, object]) -> None:
    found = signatures.read("some", HEADER)
    with pytest.raises(TypeError, match=r"some\.lua takes"):
        found.bind_args({name: value for name, value in GIVEN.items() if name != "names"})
    with pytest.raises(TypeError, match=r"some\.lua takes"):
        found.bind_args(GIVEN | wrong)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    "line", ["seq         twice", "two names   at once", "rows[id, amount]", "last        after a list"]
)
def test_a_header_that_declares_amiss_is_refused(line: str) -> None:
    text = HEADER.replace("-- Returns", f"--       {line}\n-- Returns").replace("window  ", "seq     ")
    with pytest.raises(ValueError, match=r"some\.lua declares"):
        signatures.read("some", text)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_uses_each_key_and_argument_that_it_declares_and_no_other(name: str) -> None:
    text = scripts.include_parts(scripts.own_text(name))
    declared = signatures.read(name, scripts.own_text(name))
    assert set(re.findall(r"\bkeys\.(\w+)", text)) == {key.name for key in declared.keys}
    assert set(re.findall(r"\bargs\.(\w+)", text)) == {arg.name for arg in declared.args}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_reads_only_what_it_is_given(name: str, redis_client: Redis) -> None:
    text = scripts.include_parts(scripts.own_text(f"parts/{name}"))
    assert globals_of(redis_client, text) <= LIBRARY


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_reads_keys_and_arguments_by_name_alone(name: str, redis_client: Redis) -> None:
    text = scripts.include_parts(scripts.own_text(name))
    assert globals_of(redis_client, text) <= LIBRARY | {"keys", "args"}


def test_the_globals_of_a_text_are_found(redis_client: Redis) -> None:
    text = "local a = 1.5 local function f(x) local b = y return function() z = a + x + b end end return f(true)"
    assert globals_of(redis_client, text) == {"y", "z"}
