"""Commands that are sent together, each with the type of its answer: `Store.many` sends them."""

from typing import Generic, TypeVar

from kumo.store.protocol import Word

Answered_co = TypeVar("Answered_co", covariant=True)


class Command(tuple[Word, ...], Generic[Answered_co]):
    """The words of a command. Its type says what the answer is."""

    __slots__ = ()


def get(key: str) -> Command[bytes | None]:
    """Read a string."""
    return Command(("GET", key))


def set_(key: str, value: Word, *options: Word) -> Command[bool | None]:
    """Write a string; None if the options forbid it."""
    return Command(("SET", key, value, *options))


def incrby(key: str, by: int) -> Command[int]:
    """Add to a number."""
    return Command(("INCRBY", key, by))


def expire(key: str, seconds: int) -> Command[bool]:
    """Set the time to live of a key."""
    return Command(("EXPIRE", key, seconds))


def pttl(key: str) -> Command[int]:
    """Read the time to live of a key in ms."""
    return Command(("PTTL", key))


def delete(key: str) -> Command[int]:
    """Delete a key."""
    return Command(("DEL", key))


def unlink(key: str) -> Command[int]:
    """Delete a key, its value in the background."""
    return Command(("UNLINK", key))


def hget(key: str, field: str) -> Command[bytes | None]:
    """Read a field of a hash."""
    return Command(("HGET", key, field))


def hmget(key: str, *fields: Word) -> Command[list[bytes | None]]:
    """Read fields of a hash."""
    return Command(("HMGET", key, *fields))


def hgetall(key: str) -> Command[dict[bytes, bytes]]:
    """Read a hash."""
    return Command(("HGETALL", key))


def hkeys(key: str) -> Command[list[bytes]]:
    """Read the names of the fields of a hash."""
    return Command(("HKEYS", key))


def hvals(key: str) -> Command[list[bytes]]:
    """Read the values of a hash."""
    return Command(("HVALS", key))


def hlen(key: str) -> Command[int]:
    """Count the fields of a hash."""
    return Command(("HLEN", key))


def hset(key: str, *pairs: Word) -> Command[int]:
    """Write fields of a hash, each before its value."""
    return Command(("HSET", key, *pairs))


def hdel(key: str, field: Word) -> Command[int]:
    """Delete a field of a hash."""
    return Command(("HDEL", key, field))


def sinter(*keys: str) -> Command[set[bytes]]:
    """Read the common members of several sets."""
    return Command(("SINTER", *keys))


def zcard(key: str) -> Command[int]:
    """Count the members of a sorted set."""
    return Command(("ZCARD", key))


def first_members(key: str, most: int) -> Command[list[bytes]]:
    """Read the first members of a sorted set and their scores; all if `most` is -1."""
    return Command(("ZRANGE", key, 0, most - 1 if most > 0 else -1, "WITHSCORES"))


def zcount(key: str, low: int, high: int) -> Command[int]:
    """Count the members of a sorted set with scores in a range."""
    return Command(("ZCOUNT", key, low, high))


def zrangebyscore(key: str, low: int, high: int) -> Command[list[bytes]]:
    """Read the members of a sorted set with scores in a range."""
    return Command(("ZRANGEBYSCORE", key, low, high))


def zscore(key: str, member: str) -> Command[float | None]:
    """Read the score of a member of a sorted set."""
    return Command(("ZSCORE", key, member))


def first_of(key: str) -> Command[list[bytes]]:
    """Read the first member of a sorted set and its score."""
    return Command(("ZRANGE", key, 0, 0, "WITHSCORES"))


def last_of(key: str) -> Command[list[bytes]]:
    """Read the last member of a sorted set and its score."""
    return Command(("ZREVRANGE", key, 0, 0, "WITHSCORES"))


def members_from(key: str, score: int) -> Command[list[bytes]]:
    """Read the members of a sorted set from a score on."""
    return Command(("ZRANGEBYSCORE", key, score, "+inf"))


def range_by_score(command: str, key: str, begin: int, end: int, most: int) -> Command[list[bytes]]:
    """Read members and scores of a sorted set by `ZRANGEBYSCORE` or `ZREVRANGEBYSCORE`."""
    return Command((command, key, begin, end, "WITHSCORES", "LIMIT", 0, most))


def write(*words: Word) -> Command[object]:
    """Write something whose answer is not used."""
    return Command(words)
