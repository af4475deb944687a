"""Series and groups by their scope, in words, and by filters."""

import pytest

from kumo.domain.entries import Series
from kumo.domain.groups import Group, groups_of_series
from kumo.domain.subjects import Subject, describe_scope, is_fixed, read_scope

SERIES = Series("AWS EC2", "USD", provider="AWS", account="prod", region="eu-west-1")
TEAM = Group("tag:team", ("search",), "USD")


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (SERIES, "AWS EC2 in account prod, region eu-west-1"),
        (Series("AWS EC2", "USD"), "AWS EC2"),
        (Group("all", (), "EUR"), "all costs in EUR"),
        (Group("provider", ("AWS",), "USD"), "provider AWS"),
        (Group("account", ("prod",), "USD"), "account prod"),
        (Group("account", ("",), "USD"), "costs with no account"),
        (Group("service", ("AWS EC2",), "USD"), "AWS EC2"),
        (Group("account,service", ("prod", "AWS EC2"), "USD"), "AWS EC2 in account prod"),
        (Group("account,service", ("", "AWS EC2"), "USD"), "AWS EC2 with no account"),
        (TEAM, "team search"),
        (Group("tag:team", ("",), "USD"), "costs with no team"),
    ],
)
def test_a_scope_has_a_name_in_words(subject: Subject, words: str) -> None:
    assert describe_scope(read_scope(subject), subject.currency) == words


def test_a_series_fixes_all_of_its_fields_and_a_group_its_own() -> None:
    scopes = [read_scope(group) for group in groups_of_series(SERIES)]
    assert scopes == [
        {},
        {"provider": "AWS"},
        {"account": "prod"},
        {"service": "AWS EC2"},
        {"region": "eu-west-1"},
        {"account": "prod", "service": "AWS EC2"},
    ]
    assert read_scope(SERIES) == {"provider": "AWS", "account": "prod", "service": "AWS EC2", "region": "eu-west-1"}
    assert read_scope(TEAM) == {"tag:team": "search"}


@pytest.mark.parametrize(
    ("filters", "tags", "found"),
    [
        ({}, {}, "all account service both team"),
        ({"account": "PROD"}, {}, "account both"),
        ({"account": "prod", "service": "aws ec2"}, {}, "both"),
        ({"account": "dev"}, {}, ""),
        ({"account": ""}, {}, ""),
        ({"currency": "USD"}, {}, "all account service both team"),
        ({"currency": "EUR"}, {}, ""),
        ({}, {"Team": "Search"}, "team"),
        ({}, {"team": "ads"}, ""),
        ({"account": "prod"}, {"team": "search"}, ""),
        ({"charge_category": ""}, {}, ""),
    ],
)
def test_a_filter_finds_the_groups_that_fix_its_value(
    filters: dict[str, str], tags: dict[str, str], found: str
) -> None:
    whole, _, account, service, _, both = groups_of_series(SERIES)
    groups = {"all": whole, "account": account, "service": service, "both": both, "team": TEAM}
    assert (
        " ".join(name for name, group in groups.items() if is_fixed(read_scope(group), group.currency, filters, tags))
        == found
    )
