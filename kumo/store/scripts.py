"""The Lua scripts: one file for each atomic operation, and the parts that several of them share."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final, cast

import redis
from redis.exceptions import NoScriptError

from kumo.store import answers, cluster, signatures
from kumo.store.commands import Command
from kumo.store.protocol import Answer, Client
from kumo.store.signatures import Argument, Keys, Signature

_INCLUDE: Final = re.compile(r"^-- include: (.+)$", re.MULTILINE)
_FLAGS: Final = re.compile(r"^-- flags: (.+)$", re.MULTILINE)
_SHEBANG: Final = "#!lua"
_SHEBANG_SINCE: Final = 7


def source(name: str, others: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a script's text, with the names of its keys and arguments and its included parts.

    `others` replace parts with the same names.
    """
    text = own_text(name)
    return signatures.read(name, text).preamble() + include_parts(text, others)


def include_parts(text: str, others: Mapping[str, str] = MappingProxyType({})) -> str:
    """Include the parts that a text names. A part includes its own parts; each is included once."""
    known: set[str] = set()

    def include(found: re.Match[str]) -> str:
        return "\n".join(read(part) for part in found[1].split() if part not in known)

    def read(part: str) -> str:
        known.add(part)
        return _INCLUDE.sub(include, others.get(part) or own_text(f"parts/{part}"))

    return _INCLUDE.sub(include, text)


def own_text(name: str) -> str:
    """Return the text of one file, unchanged."""
    return (resources.files("kumo.store") / f"lua/{name}.lua").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Script:
    """A script in the form for a server."""

    digest: str
    text: str
    signature: Signature


class Scripts:
    """Runs scripts by name; each is sent to a server once and then called by its hash.

    Keys and arguments have the names that the script's header declares (kumo.store.signatures).
    """

    def __init__(self, client: Client, parts: Mapping[str, str] = MappingProxyType({})) -> None:
        """Keep the client; nothing is sent yet. `parts` replace our own: tests have their own clock."""
        self._client = client
        self._parts = parts
        self._shebang: str | None = None
        self._known: dict[str, _Script] = {}

    def run(self, script: str, keys: Keys, /, **args: Argument) -> Answer:
        """Run a script by the name of its file.

        A server that does not know it, such as a restarted one, has run nothing: it gets the whole text.
        """
        known = self._known.get(script) or self._read(script)
        names = known.signature.bind_keys(keys)
        values = known.signature.bind_args(args)
        try:
            return self._client.evalsha(known.digest, len(names), *names, *values)
        except NoScriptError:
            return self._client.eval(known.text, len(names), *names, *values)

    def command(self, script: str, keys: Keys, args: Mapping[str, Argument]) -> Command[Answer]:
        """Return the command that runs a script on a server that knows it; others answer `NoScriptError`."""
        known = self._known.get(script) or self._read(script)
        names = known.signature.bind_keys(keys)
        return Command(("EVALSHA", known.digest, len(names), *names, *known.signature.bind_args(args)))

    def _read(self, script: str) -> _Script:
        """Read a script, from 7.0 on with the line that makes a full server refuse it before it writes.

        One that is flagged `no-writes` a full server runs.
        """
        if self._shebang is None:
            self._shebang = _SHEBANG if _version(self._client) >= _SHEBANG_SINCE else ""
        text = self._source(script)
        signature = signatures.read(script, own_text(script))
        if self._shebang:
            flags = _FLAGS.search(text)
            text = f"{self._shebang}{' flags=' + flags[1] if flags else ''}\n{text}"
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return self._known.setdefault(script, _Script(digest, text, signature))

    def _source(self, script: str) -> str:
        return source(script, self._parts)


def _version(client: Client) -> int:
    """Return the major version from the first node that answers. Uses HELLO, because INFO may be forbidden."""
    lost: redis.RedisError | None = None
    for node in cluster.nodes(client).values():
        try:
            greeting = answers.items(cast("Answer", node.execute_command("HELLO")))
        except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as error:
            lost = error
        else:
            return int(answers.text(greeting[greeting.index(b"version") + 1]).split(b".")[0])
    raise lost or redis.exceptions.ConnectionError("There is no node.")
