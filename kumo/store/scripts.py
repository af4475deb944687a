"""The Lua scripts: one file an atomic operation, and the parts that several of them share."""

import re
from functools import cached_property
from importlib import resources
from typing import Any, Final

_INCLUDE: Final = re.compile(r"^-- include: (.+)$", re.MULTILINE)
_SHEBANG: Final = "#!lua\n"
_SHEBANG_SINCE: Final = 7


def source(name: str) -> str:
    """Return a script's text with the parts that it includes."""
    folder = resources.files("kumo.store") / "lua"
    text = (folder / f"{name}.lua").read_text(encoding="utf-8")

    def parts(found: re.Match[str]) -> str:
        return "\n".join((folder / "parts" / f"{part}.lua").read_text(encoding="utf-8") for part in found[1].split())

    return _INCLUDE.sub(parts, text)


class Scripts:
    """Runs scripts by name; each is sent to the server once and called by its hash then."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - see kumo.store.client.Client
        """Keep the client; nothing is sent yet."""
        self._client = client
        self._registered: dict[str, Any] = {}

    def run(self, name: str, keys: list[str], args: list[Any]) -> Any:  # noqa: ANN401 - what the script returns
        """Run a script by the name of its file."""
        script = self._registered.get(name)
        if script is None:
            script = self._registered[name] = self._client.register_script(self._shebang + source(name))
        return script(keys=keys, args=args)

    @cached_property
    def _shebang(self) -> str:
        """The line that makes a full server refuse a script before its first write; 7.0 and newer know it."""
        version = str(self._client.info("server")["redis_version"])
        return _SHEBANG if int(version.split(".", maxsplit=1)[0]) >= _SHEBANG_SINCE else ""
