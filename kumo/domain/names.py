"""Names as people read them: all spellings of a name count as the same name."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import Final

LONGEST_NAME: Final = 200

# Invisible characters without width: control characters that are not white space; the code points that Unicode calls
# Default_Ignorable (DerivedCoreProperties.txt), such as zero-width spaces, joiners, fillers and variation selectors;
# interlinear annotations and the musical null notehead.
_UNSEEN_RANGES: Final = (
    *((0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C)),
    *((0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F)),
    *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3)),
    *((0x1D159, 0x1D159), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
# The Braille blank is a space to every reader, but not in Unicode.
_UNSEEN: Final = {0x2800: " "} | {code: "" for first, last in _UNSEEN_RANGES for code in range(first, last + 1)}
# White space, controls, formats, and marks that need a base letter.
_BLANK: Final = {"Zs", "Cc", "Cf", "Mn", "Mc", "Me"}


@lru_cache(maxsize=50_000)
def compare_name(name: str) -> str:
    """Return the compared form of a name, which all its spellings share.

    Two names are the same if they differ only in case, in the encoding of accents, in white space at the ends or in its
    amount, or in invisible characters. This is the canonical caseless match of the Unicode Standard (section
    3.13, definition D145), composed again (NFC). The compared form of a compared form is itself.
    """
    if name.isascii() and name.isprintable():
        return " ".join(name.casefold().split())
    seen = name.translate(_UNSEEN)
    folded = unicodedata.normalize("NFD", seen).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def fit_name(text: str) -> str:
    """Fit a text of a bill into a name: a long text is cut and gets a hash of the whole at its end.

    The compared form is cut, so that all spellings of one name are cut alike.
    """
    text = text.encode("utf-8", "replace").decode()
    if len(text) <= LONGEST_NAME:
        return text
    name = compare_name(text)
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 13]}…{sha256(name.encode()).hexdigest()[:12]}"


def is_same_name(one: str, other: str) -> bool:
    """Return whether two texts are spellings of one name."""
    return one == other or compare_name(one) == compare_name(other)


@lru_cache(maxsize=50_000)
def is_visible(name: str) -> bool:
    """Return whether a name has a visible character."""
    return any(unicodedata.category(char) not in _BLANK for char in compare_name(name))


def spellings(names: Iterable[str]) -> dict[str, str]:
    """Return, for each of some names, the spelling that represents all of its spellings: the first by code points."""
    given = set(names)
    least: dict[str, str] = {}
    for name in sorted(given):
        least.setdefault(compare_name(name), name)
    return {name: least[compare_name(name)] for name in given}
