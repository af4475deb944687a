"""What a total is about, a series or a group: its scope, its name in words, and which filters find a group."""

from collections.abc import Mapping
from typing import TypeAlias

from kumo.domain.entries import Series
from kumo.domain.groups import ACCOUNT, ACCOUNT_SERVICE, ALL, PROVIDER, REGION, SERVICE, TAG, Group, name_tag_dimension
from kumo.domain.names import is_same_name

Subject: TypeAlias = Series | Group


def read_scope(subject: Subject) -> dict[str, str]:
    """Return the dimensions that a series or group fixes, with their values: none for all costs of a currency."""
    if isinstance(subject, Series):
        return {name: getattr(subject, name) for name in (PROVIDER, ACCOUNT, SERVICE, REGION)}
    if subject.dimension == ALL:
        return {}
    dimensions = [subject.dimension] if subject.tag is not None else subject.dimension.split(",")
    return dict(zip(dimensions, subject.value, strict=True))


def describe_scope(scope: Mapping[str, str], currency: str) -> str:
    """Name a scope in words, such as `account prod`, or `AWS EC2 in account prod`."""
    if not scope:
        return f"all costs in {currency}"
    if SERVICE not in scope:
        return " and ".join(_describe_value(dimension, value) for dimension, value in scope.items())
    places = [f"{dimension} {scope[dimension]}" for dimension in (ACCOUNT, REGION) if scope.get(dimension)]
    if places:
        return f"{scope[SERVICE]} in {', '.join(places)}"
    # The service in all accounts is another group than the service where no account is given.
    return f"{scope[SERVICE]} with no account" if set(scope) == set(ACCOUNT_SERVICE.split(",")) else scope[SERVICE]


def _describe_value(dimension: str, value: str) -> str:
    name = dimension.removeprefix(TAG)
    return f"{name} {value}" if value else f"costs with no {name}"


def is_fixed(scope: Mapping[str, str], currency: str, fields: Mapping[str, str], tags: Mapping[str, str]) -> bool:
    """Return whether a group's scope has the wanted values of fields and tags, in any spelling.

    Each filter must be about what the group fixes: the group of an account has no service of its own.
    """
    fixed = {**scope, "currency": currency}
    wanted = {**fields, **{name_tag_dimension(key): value for key, value in tags.items()}}
    return all(name in fixed and is_same_name(fixed[name], value) for name, value in wanted.items())
