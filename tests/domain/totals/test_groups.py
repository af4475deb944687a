"""The groups of a series: one of each dimension, the same whatever the spelling."""

from dataclasses import replace

from kumo.domain.entries import Series
from kumo.domain.totals.groups import DIMENSIONS, Group, find_groups

EC2 = Series(service="AWS EC2", currency="USD", provider="AWS", account="prod", region="eu-west-1")


def test_a_series_is_in_one_group_of_each_dimension() -> None:
    found = find_groups(EC2)
    assert [group.dimension for group in found] == list(DIMENSIONS)
    assert [group.values for group in found] == [
        (),
        ("AWS",),
        ("prod",),
        ("AWS EC2",),
        ("eu-west-1",),
        ("prod", "AWS EC2"),
    ]
    assert [group.value for group in found] == ["", "AWS", "prod", "AWS EC2", "eu-west-1", "prod,AWS EC2"]
    assert len({group.id for group in found}) == len(found)


def test_spellings_of_a_name_are_one_group() -> None:
    other = replace(EC2, service=" aws  ec2", account="PROD")
    assert [group.id for group in find_groups(other)] == [group.id for group in find_groups(EC2)]


def test_each_currency_has_groups_of_its_own() -> None:
    euros = replace(EC2, currency="EUR")
    assert not {group.id for group in find_groups(euros)} & {group.id for group in find_groups(EC2)}


def test_an_absent_name_is_a_value_too() -> None:
    bare = find_groups(Series(service="x", currency="USD"))
    assert [group.values for group in bare] == [(), ("",), ("",), ("x",), ("",), ("", "x")]
    assert len({group.id for group in bare}) == len(bare)


def test_a_tax_is_in_the_groups_of_the_usage_that_it_is_paid_for() -> None:
    assert find_groups(replace(EC2, charge_category="tax")) == find_groups(EC2)


def test_a_separator_in_a_name_makes_no_two_groups_one() -> None:
    one, other = Group("account,service", ("a,b", "c"), "USD"), Group("account,service", ("a", "b,c"), "USD")
    assert one.id != other.id
