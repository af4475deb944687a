"""Lists and objects inside a cell, as JSON or as Python prints them."""

from decimal import Decimal

import pytest

from kumo.billing import literals

DIGITS = "0.12345678901234567890123456789012345678"  # more than Python computes with


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[]", []),
        ("{}", {}),
        ('{"a": 1, "b": null, "c": true}', {"a": 1, "b": None, "c": True}),
        ("{'a': 1, 'b': None, 'c': True}", {"a": 1, "b": None, "c": True}),
        ("[(1, 2), [3,]]", [[1, 2], [3]]),
        (f"[{DIGITS}]", [Decimal(DIGITS)]),
        (f"['x', -{DIGITS}]", ["x", Decimal(f"-{DIGITS}")]),
        ("['ü', 5e-06]", ["ü", Decimal("0.000005")]),  # columns count bytes
        ("[\n'a',\r\n -1.5]", ["a", Decimal("-1.5")]),
        ("[-0.0, '']", [Decimal("-0.0"), ""]),
        ("{'amount': Decimal('-0.10')}", {"amount": Decimal("-0.10")}),
        ("['1e999', 1e999]", ["1e999", Decimal("1e999")]),
        ("'text'", "text"),
    ],
)
def test_a_literal_is_read_with_its_numbers_exact(text: str, value: object) -> None:
    found = literals.parse(text)
    assert (found, repr(found)) == (value, repr(value))


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a", "[", "{'a'}", "{'a': 1", "'a' 'b", "1 if 2 else 3", "f'{1}'", "b'a'", "1j", "...", "\0"),
        *("{**{}}", "{[1]: 2}", "[NaN]", "[Infinity, -Infinity]", "[nan]", "-'a'", "[x for x in ()]"),
        *("__import__('os').getcwd()", "Decimal(1)", "Decimal('x')", "Decimal('1', 2)", "Decimal('1', context=None)"),
        *("Decimal('sNaN')", "[{'amount': Decimal('-sNaN12')}]", "'\ud800'", "9" * 5_000, "[" * 100_000),
        "'" + "x" * literals.MAX_LITERAL + "'",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is neither JSON nor a list or an object|is too long|sNaN is not a number|can't encode"
    ):
        literals.parse(text)


def test_json_may_be_longer_than_a_literal_of_python() -> None:
    text = '"' + "x" * literals.MAX_LITERAL + '"'
    assert len(literals.parse(text)) == literals.MAX_LITERAL
