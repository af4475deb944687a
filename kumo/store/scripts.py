"""The Lua scripts: one file an atomic operation, and the parts that several of them share."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

import redis
from redis.exceptions import NoScriptError

from kumo.store import cluster

_INCLUDE: Final = re.compile(r"^-- include: (.+)$", re.MULTILINE)
_FLAGS: Final = re.compile(r"^-- flags: (.+)$", re.MULTILINE)
_SHEBANG: Final = "#!lua"
_SHEBANG_SINCE: Final = 7


def source(name: str, others: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a script's text with the parts that it includes; `others` stand in place of parts of their names."""
    folder = resources.files("kumo.store") / "lua"
    text = (folder / f"{name}.lua").read_text(encoding="utf-8")

    def parts(found: re.Match[str]) -> str:
        names = found[1].split()
        return "\n".join(
            others.get(part) or (folder / "parts" / f"{part}.lua").read_text(encoding="utf-8") for part in names
        )

    return _INCLUDE.sub(parts, text)


class Scripts:
    """Runs scripts by name; each is sent to a server once and called by its hash then."""

    def __init__(self, client: Any, parts: Mapping[str, str] = MappingProxyType({})) -> None:  # noqa: ANN401 - see kumo.store.client.Client
        """Keep the client; nothing is sent yet. `parts` are used in place of ours: tests have a clock of their own."""
        self._client = client
        self._parts = parts
        self._shebang: str | None = None
        self._texts: dict[str, tuple[str, str]] = {}

    def run(self, name: str, keys: list[str], args: list[Any]) -> Any:  # noqa: ANN401 - what the script returns
        """Run a script by the name of its file.

        A server that does not know it, a new one or one that started again, has run nothing: it gets the whole text.
        """
        digest, text = self._texts.get(name) or self._text(name)
        try:
            return self._client.evalsha(digest, len(keys), *keys, *args)
        except NoScriptError:
            return self._client.eval(text, len(keys), *keys, *args)

    def command(self, name: str, keys: Sequence[str], args: Sequence[Any]) -> list[Any]:
        """Return the command that runs a script on a server that knows it; others answer `NoScriptError`."""
        digest, _ = self._texts.get(name) or self._text(name)
        return ["EVALSHA", digest, len(keys), *keys, *args]

    def _text(self, name: str) -> tuple[str, str]:
        """Return hash and text, from 7.0 on with the line that makes a full server refuse it before it writes.

        One that is flagged `no-writes` a full server runs.
        """
        if self._shebang is None:
            self._shebang = _SHEBANG if _version(self._client) >= _SHEBANG_SINCE else ""
        text = source(name, self._parts)
        if self._shebang:
            flags = _FLAGS.search(text)
            text = f"{self._shebang}{' flags=' + flags[1] if flags else ''}\n{text}"
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return self._texts.setdefault(name, (digest, text))


def _version(client: Any) -> int:  # noqa: ANN401 - see kumo.store.client.Client
    """Return the major version, as the first node says it that answers. HELLO, since INFO may be forbidden."""
    lost: redis.RedisError | None = None
    for node in cluster.nodes(client).values():
        try:
            answer = iter(node.execute_command("HELLO"))
        except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as error:
            lost = error
        else:
            told = dict(zip(answer, answer, strict=True))
            return int(told[b"version"].split(b".")[0])
    raise lost or redis.exceptions.ConnectionError("There is no node.")
