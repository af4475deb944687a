"""Tag values of an entry, and the part of it that a query covers."""

import pytest

from kumo.domain.entries import Series
from kumo.domain.parts import OTHER_VALUES, Labels
from kumo.domain.policies import Policy
from kumo.domain.tagged import NotKnownError, ask_tags

SERIES = Series("EC2", "USD")
WHOLE: Labels = {"team": {"ml": 10}, "env": {"prod": 10}}
CUT: Labels = {"team": {"ML": 7, "web": 2, "": 1}, "env": {"prod": 10}}
BOTH: Labels = {"team": {"ml": 7, "web": 3}, "env": {"prod": 6, "dev": 4}}


@pytest.mark.parametrize(
    ("wanted", "by", "labels", "pieces"),
    [
        ({}, "team", WHOLE, {"ml": 10}),
        ({}, "Team", CUT, {"ML": 7, "web": 2, "": 1}),
        ({}, "owner", CUT, {"": 10}),
        ({"team": "ml"}, "", CUT, {"": 7}),
        ({"TEAM ": " Ml"}, "team", CUT, {"ML": 7}),
        ({"team": ""}, "", CUT, {"": 1}),
        ({"team": ""}, "", WHOLE, {}),
        ({"owner": ""}, "", WHOLE, {"": 10}),
        ({"owner": "x"}, "", WHOLE, {}),
        ({"team": "ml"}, "env", CUT, {"prod": 7}),
        ({"env": "prod"}, "team", CUT, {"ML": 7, "web": 2, "": 1}),
        ({"env": "dev"}, "team", CUT, {}),
        ({"env": "prod", "team": "web"}, "", CUT, {"": 2}),
        ({"env": "prod", "team": "ml"}, "", WHOLE, {"": 10}),
        ({"env": "none", "team": "ml"}, "", BOTH, {}),
        ({"team": "ml"}, "team", BOTH, {"ml": 7}),
        ({"team": OTHER_VALUES}, "", {"team": {"a": 9, OTHER_VALUES: 1}}, {"": 1}),
    ],
)
def test_a_question_is_about_the_parts_that_have_what_is_wanted(
    wanted: dict[str, str], by: str, labels: Labels, pieces: dict[str, int]
) -> None:
    assert ask_tags(wanted, by).pieces(labels, 10) == pieces


@pytest.mark.parametrize(("wanted", "by"), [({"team": "ml"}, "env"), ({"team": "ml", "env": "dev"}, "")])
def test_nobody_knows_how_two_splits_meet(wanted: dict[str, str], by: str) -> None:
    with pytest.raises(NotKnownError):
        ask_tags(wanted, by).pieces(BOTH, 10)


def test_others_are_not_known_by_name() -> None:
    some: Labels = {"team": {"a": 9, OTHER_VALUES: 1}, "env": {"prod": 10}}
    assert not ask_tags({}, "team").is_complete(some)
    assert not ask_tags({"team": "a"}, "env").is_complete(some)
    assert ask_tags({"owner": ""}, "env").is_complete(some)


@pytest.mark.parametrize(
    ("tags", "parts", "covers"),
    [
        ({"team": "ml"}, {"ml": 8, "web": 2}, True),
        ({"team": "ml"}, {"ml": 79, "web": 21}, False),
        ({"team": "m*"}, {"ml": 4, "mlops": 4, "web": 2}, True),
        ({"team": "*"}, {"ml": 4, "web": 4, "": 2}, True),
        ({"team": "*"}, {"ml": 4, "web": 3, "": 3}, False),
        ({"team": "ml", "env": "prod"}, {"ml": 10}, False),
    ],
)
def test_a_policy_covers_an_entry_of_which_most_has_its_tags(
    tags: dict[str, str], parts: dict[str, int], *, covers: bool
) -> None:
    assert Policy("r", tags=tags).covers(SERIES, {"team": parts}) is covers
