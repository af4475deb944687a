"""Everything that Kumo installs is free to use, change and pass on, and docs/licences.md names the terms."""

import re
from typing import Final

import pytest

from tests import licences

# They require attribution, and nothing else from those who use, change or serve Kumo.
PERMISSIVE: Final = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "PSF-2.0"}
# The exceptions, each with its reason.
COPYLEFT: Final = {
    "certifi": "MPL-2.0 binds the file that it covers, a list of certificates, which Kumo neither changes nor ships",
}


def test_the_page_lists_what_is_fixed() -> None:
    assert licences.PAGE.read_text() == licences.render(), "renew it: make licences"


@pytest.mark.parametrize(("name", "terms"), [(name, terms) for name, _, terms in licences.fixed()])
def test_no_licence_is_copyleft_but_those_with_a_reason(name: str, terms: str) -> None:
    unknown = set(re.split(r" AND | OR ", terms)) - PERMISSIVE
    assert bool(unknown) == (name in COPYLEFT), f"{name} is under {terms}"
