"""Each command of `kumo.store.protocol.Client`, with what must come back from it."""

from collections.abc import Callable, Iterator
from typing import Any, Final

Call = tuple[str, tuple[object, ...], dict[str, Any], object]

# One after another, on an empty server. Iterators are read to their ends.
CALLS: Final[list[Call]] = [
    ("set", ("text", "5"), {"ex": 60}, True),
    ("get", ("text",), {}, b"5"),
    ("get", ("nothing",), {}, None),
    ("incr", ("text",), {}, 6),
    ("exists", ("text",), {}, 1),
    ("pexpire", ("text", 60_000), {}, True),
    ("type", ("text",), {}, b"string"),
    ("delete", ("text",), {}, 1),
    ("hset", ("hash", "a", 1), {}, 1),
    ("hset", ("hash",), {"mapping": {"b": "2"}}, 1),
    ("hsetnx", ("hash", "a", 9), {}, 0),
    ("hget", ("hash", "a"), {}, b"1"),
    ("hmget", ("hash", ["a", "none"]), {}, [b"1", None]),
    ("hgetall", ("hash",), {}, {b"a": b"1", b"b": b"2"}),
    ("hkeys", ("hash",), {}, [b"a", b"b"]),
    ("hexists", ("hash", "none"), {}, False),
    ("hincrby", ("hash", "a", 2), {}, 3),
    ("hscan_iter", ("hash",), {"count": 10}, [(b"a", b"3"), (b"b", b"2")]),
    ("hdel", ("hash", "a"), {}, 1),
    ("zrange", ("set", 0, -1), {"withscores": True}, [(b"x", 1.0), (b"y", 2.0)]),
    ("zrevrange", ("set", 0, 0), {"withscores": True}, [(b"y", 2.0)]),
    ("zscan_iter", ("set",), {"count": 10}, [(b"x", 1.0), (b"y", 2.0)]),
    ("zrem", ("set", "x"), {}, 1),
    ("xrange", ("stream",), {"min": "1-0", "count": 9}, [(b"1-0", {b"r": b"text"})]),
]
SCRIPT_CALLS: Final[list[Call]] = [
    ("eval", ("return {1, ARGV[1], false}", 1, "text", 7.5), {}, [1, b"7.5", None]),
    ("evalsha", ("79cefb99366d8809d2e903c5f36f50c2b731913f", 1, "text"), {}, None),
]


def wrong_answers(client: Any, calls: list[Call]) -> list[str]:  # noqa: ANN401 - any client
    """Make the calls and return which answers differ, also in type, because 1 == True."""
    client.zadd("set", {"x": 1, "y": 2})
    client.xadd("stream", {"r": "text"}, id="1-0")
    wrong = []
    for name, args, options, expected in calls:
        command: Callable[..., object] = getattr(client, name)
        found = command(*args, **options)
        found = list(found) if isinstance(found, Iterator) else found
        if (type(found), found) != (type(expected), expected):
            wrong.append(f"{name} returns {found!r}, not {expected!r}")
    client.delete("hash")
    client.delete("set")
    client.delete("stream")
    return wrong
