"""Tags in the shapes that bills give them."""

from decimal import Decimal

import pytest

from kumo.billing import BillError, tags
from kumo.billing.row import NO_TAGS


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('{"env": "prod", "n": 1}', {"env": "prod", "n": "1"}),
        ('"env": "prod","team": ""', {"env": "prod", "team": ""}),
        ("'env': 'prod'", {"env": "prod"}),
        ('[{"key": "env", "value": "prod"}, {"key": "bare"}]', {"env": "prod", "bare": ""}),
        ("[('env', 'prod'), ('n', None)]", {"env": "prod", "n": ""}),
        ([("env", "prod")], {"env": "prod"}),
        ([{"key": "a", "value": 1}, {"key": "a", "value": 2}], {"a": "2"}),
        ({"env": "prod", "1": None}, {"env": "prod", "1": ""}),
        ({"": "x", "a": {"b": [1, None]}}, {"": "x", "a": '{"b": [1, null]}'}),
    ],
)
def test_tags_are_read_in_every_shape(value: object, found: dict[str, str]) -> None:
    assert tags.read(value) == found


@pytest.mark.parametrize("value", ["", "  ", "NULL", "null", "\\N", "{}", " [] ", None, [], {}])
def test_nothing_is_no_tags(value: object) -> None:
    assert tags.read(value) is NO_TAGS


@pytest.mark.parametrize(
    "value",
    [
        "env",
        "env=prod",
        "[1]",
        '["a"]',
        '[["a", "b", "c"]]',
        "5",
        '{"a": NaN}',
        '{"a"',
        ["ab"],
        [{"value": 1}],
        5,
        "[[]]",
    ],
)
def test_what_is_no_tags_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^(has an item|is neither)"):
        tags.read(value)


@pytest.mark.parametrize("inner", ["[1]", '{"a": 1}'])
def test_tags_of_any_depth_are_read_or_refused(inner: str) -> None:
    before, after = inner.split("1")
    outcomes = set()
    for depth in (1, 100, *range(900, 1_010), 100_000):
        try:
            outcomes.add(type(tags.read(f'{{"a": {before * depth}1{after * depth}}}')["a"]))
        except (ValueError, BillError) as error:
            outcomes.add(type(error))
    assert {str, ValueError} <= outcomes


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (" a ", " a "),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-0.5, "-0.5"),
        (float("nan"), "nan"),
        (Decimal("1.50"), "1.50"),
        (["a", None, Decimal("0.1")], '["a", null, "0.1"]'),
        ({"ü": True}, '{"\\u00fc": true}'),
    ],
)
def test_a_value_of_json_is_written_as_text(value: object, text: str) -> None:
    assert tags.plain(value) == text
