"""Names are compared as people read them."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.names import compare_name, is_same_name, is_visible, spellings

CAFE = ("Café", "Cafe\u0301", "CAFÉ", "  café ", "Ca\u200dfé\u200b")
names = st.text(max_size=30) | st.text("aAéÉe\u0301\u0345ßẞΣσς \t\u00a0\u200b\u3164İ\u0131ǅ", max_size=12)


@pytest.mark.parametrize("spelling", CAFE)
def test_five_spellings_are_one_name(spelling: str) -> None:
    assert compare_name(spelling) == "café"
    assert is_same_name(spelling, CAFE[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AWS  EC2", "aws ec2"),
        ("AWS\tEC2", "AWS\u00a0EC2"),
        ("STRASSE", "straße"),
        ("ΣΟΦΟΣ", "σοφος"),
        ("pro\u00adduction", "production"),
        ("\ufeffprod", "prod"),
        ("☁\ufe0f", "☁"),
        ("prod\u2800eu", "prod eu"),
        ("prod\x00", "prod"),
        ("\u0345\u0301", "\u0301\u0345"),
    ],
)
def test_what_reads_alike_is_the_same_name(one: str, other: str) -> None:
    assert is_same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("cafe", "café"), ("AWS EC2", "AWSEC2"), ("a", "à"), ("1", "¹"), ("\uff58", "x")]
)
def test_what_reads_differently_is_another_name(one: str, other: str) -> None:
    assert not is_same_name(one, other)


@given(names)
def test_the_form_of_a_form_is_itself(name: str) -> None:
    assert compare_name(compare_name(name)) == compare_name(name)


@given(names, st.sampled_from(["NFC", "NFD"]), st.sampled_from(["\u200b", " ", "\x1b"]))
def test_spelling_a_name_in_another_way_changes_nothing(name: str, form: str, around: str) -> None:
    spelled = around + unicodedata.normalize(form, name) + around  # type: ignore[arg-type]
    assert is_same_name(spelled, name)


@given(st.text("aAéÉßẞΣσςǅ\u03b9 \u200b", max_size=12))
def test_case_changes_nothing(name: str) -> None:
    assert is_same_name(name.casefold(), name)
    assert is_same_name(name.upper(), name)


def test_no_character_has_a_form_that_depends_on_how_it_is_encoded() -> None:
    for char in map(chr, range(sys.maxunicode + 1)):
        encodings = {char, *(unicodedata.normalize(form, char) for form in ("NFC", "NFD"))}  # type: ignore[arg-type]
        if len(encodings) > 1 or char.casefold() != char:
            forms = set(map(compare_name, encodings))
            assert forms == set(map(compare_name, forms)), ascii(char)
            assert len(forms) == 1, ascii(char)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            "\t\n",
            "\u200b",
            "\u3164",
            "\u115f\uffa0",
            "\u2800",
            "\u0301",
            " \u0301 \u0308",
            "\x00\x1b",
            "\u00ad",
        ),
        *("\u202e", "\ufeff", "\u2028", "\u3000", "\ufe0f", "\u0903", "\U000e0041", "\U0001d159", "\u180e", "\u034f"),
    ],
)
def test_a_name_that_shows_nothing_is_invisible(name: str) -> None:
    assert not is_visible(name)


@pytest.mark.parametrize("name", ["x", "0", "-", "é", "e\u0301", "가", "☁", "\u200bx", "\U0001d4b3", "🏴"])
def test_a_name_that_shows_something_is_visible(name: str) -> None:
    assert is_visible(name)


def test_one_spelling_stands_for_all_whatever_their_order() -> None:
    for given_ in (["café", "CAFÉ", "x", "Café"], ["x", "Café", "café", "CAFÉ"]):
        assert spellings(given_) == {"café": "CAFÉ", "CAFÉ": "CAFÉ", "Café": "CAFÉ", "x": "x"}
