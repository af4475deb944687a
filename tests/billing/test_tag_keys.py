"""The tags that are asked for: which of a bill's they are, and the value that counts."""

import pytest

from kumo.billing.row import NO_TAGS
from kumo.billing.tag_keys import TagKeys, value_reader
from kumo.domain.names import LONGEST_NAME


@pytest.mark.parametrize(
    ("keys", "tag", "has"),
    [
        (None, "anything", True),
        ((), "team", False),
        (("Team",), "team", True),
        (("team",), " TEAM", True),
        (("team",), "team2", False),
        (("team",), "user:Team", True),
        (("team",), "user_team", True),
        (("team",), "aws:team", False),
        (("user:team",), "user:team", True),
        (("user:team",), "team", False),
        (("café",), "CAFE\u0301", True),
    ],
)
def test_a_tag_is_asked_for_in_any_spelling_with_or_without_the_mark_of_aws(
    keys: tuple[str, ...] | None, tag: str, *, has: bool
) -> None:
    assert TagKeys(keys).has(tag) is has


def test_no_keys_are_not_the_same_as_all_keys() -> None:
    assert [TagKeys(keys).is_empty for keys in ((), None, ("team",))] == [True, False, False]


def test_tags_that_nobody_asks_for_are_left_out_and_equal_ones_are_one_object() -> None:
    keys = TagKeys(("team", "env"))
    one, other = keys.choose({"team": "ml", "x": "1"}), keys.choose({"x": "2", "team": "ml"})
    assert (one, one is other) == ({"team": "ml"}, True)
    assert keys.choose({"x": "1"}) is NO_TAGS
    every = {"x": "1"}
    assert TagKeys(None).choose(every) is every


def test_more_tags_than_are_remembered_are_still_chosen_right() -> None:
    keys = TagKeys(("team",))
    assert all(keys.choose({"team": str(number)}) == {"team": str(number)} for number in range(5_000))


@pytest.mark.parametrize(
    ("tags", "values"),
    [
        ({}, ("", "")),
        ({"x": "1"}, ("", "")),
        ({"Team": "ml", "ENV": "prod"}, ("ml", "prod")),
        ({"team": "", "Team": "ml", "TEAM": "web"}, ("ml", "")),
        ({"user:team": "aws", "team": "ml"}, ("ml", "")),
        ({"user:team": "aws", "team": ""}, ("aws", "")),
        ({"team": " \u200b "}, ("", "")),
        ({"team": " "}, ("", "")),
        ({"team": "a\nb"}, ("a\nb", "")),
        ({"team": "x" * LONGEST_NAME}, ("x" * LONGEST_NAME, "")),
    ],
)
def test_the_first_value_of_a_key_counts_and_one_with_the_mark_of_aws_comes_last(
    tags: dict[str, str], values: tuple[str, str]
) -> None:
    assert value_reader(["team", "Env"])(tags) == values


def test_a_value_longer_than_a_name_is_cut_and_stays_different_from_others() -> None:
    read = value_reader(["team"])
    one, other = read({"team": "x" * 300 + "1"})[0], read({"team": "x" * 300 + "2"})[0]
    assert one != other
    assert {len(one), len(other)} == {LONGEST_NAME}


def test_tags_are_told_apart_by_their_content_however_many_there_are() -> None:
    read = value_reader(["team"])
    assert [read({"team": str(number)}) for number in range(5_000)] == [(str(number),) for number in range(5_000)]
