"""Tags with one column each."""

from collections.abc import Callable

import pytest

from kumo.billing import Options
from kumo.billing.context import Context
from kumo.billing.headers import Columns, Headers
from kumo.billing.tag_columns import tag_columns


def columns(*names: str) -> Columns:
    return Columns(Headers(names))


@pytest.mark.parametrize("names", [(), ("cost",), ("tags",), ("tags", "tags/env"), ("tag/env",)])
def test_without_a_column_for_each_tag_there_is_no_reader(names: tuple[str, ...]) -> None:
    assert tag_columns(columns(*names), Context(Options()), "tags") is None


@pytest.mark.parametrize(
    ("cells", "tags"),
    [
        (["1", "prod", "ml"], {"env": "prod", "Team Name": "ml"}),
        (["1", "", "ml"], {"Team Name": "ml"}),
        (["1", None, None], {}),
    ],
)
def test_tags_are_named_by_what_follows_the_prefix_and_empty_ones_are_left_out(
    cells: list[str | None], tags: dict[str, str]
) -> None:
    read = tag_columns(columns("cost", "tags/env", "tags/Team Name"), Context(Options()), "tags")
    assert read is not None
    assert read(cells) == tags


@pytest.mark.parametrize(
    ("keys", "strip", "tags"),
    [
        (("TEAM",), None, {"team": "ml"}),
        (("region",), None, {}),
        ((), None, {}),
        (("e",), lambda column: column[5:6], {"e": "prod"}),
    ],
)
def test_only_the_tags_that_are_asked_for_are_read(
    keys: tuple[str, ...], strip: Callable[[str], str] | None, tags: dict[str, str]
) -> None:
    table = columns("tags/env", "tags/team")
    read = tag_columns(table, Context(Options(tag_keys=keys)), "tags", strip)
    assert read is not None
    assert read(["prod", "ml"]) == tags
