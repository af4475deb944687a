"""API keys: the form of tokens, names and scopes, and what a key may do."""

import pytest

from kumo.domain.access import ApiKey, KeyScope, digest, parse_name, parse_scopes, parse_token, token

SECRET = "s" * 32


def key(*scopes: KeyScope) -> ApiKey:
    return ApiKey("ci", frozenset(scopes), digest(SECRET), 0)


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ((), set()),
        ((KeyScope.READ,), {KeyScope.READ}),
        ((KeyScope.INGEST, KeyScope.READ), {KeyScope.INGEST, KeyScope.READ}),
        ((KeyScope.ADMIN,), set(KeyScope)),
    ],
)
def test_a_key_allows_its_scopes_and_an_admin_key_allows_all(
    given: tuple[KeyScope, ...], allowed: set[KeyScope]
) -> None:
    assert {scope for scope in KeyScope if key(*given).allows(scope)} == allowed


@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET + "s", SECRET.upper(), "ß" * 32, digest(SECRET)])
def test_a_key_matches_its_own_secret_alone(secret: str) -> None:
    assert key().matches(SECRET)
    assert not key().matches(secret)


def test_a_key_does_not_keep_its_secret() -> None:
    assert SECRET not in repr(key())


@pytest.mark.parametrize("name", ["a", "0", "ci-2", "a" * 40])
def test_a_token_is_split_into_the_name_and_the_secret_it_was_made_of(name: str) -> None:
    assert parse_token(token(parse_name(name), SECRET)) == (name, SECRET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kumo",
        SECRET,
        f"kumo_ci_{SECRET[:-1]}",
        f"kumo_ci_{'s' * 65}",
        f"kumo_CI_{SECRET}",
        f"Kumo_ci_{SECRET}",
        f"kumo__{SECRET}",
        f"kumo_-ci_{SECRET}",
        f"kumo_{'a' * 41}_{SECRET}",
        f" kumo_ci_{SECRET}",
        f"kumo_ci_{SECRET}\n",
        f"kumo_ci_{SECRET[1:]}é",
        f"kumo_c\u0661_{SECRET}",
    ],
)
def test_what_is_no_token_is_told_apart(text: str) -> None:
    assert parse_token(text) is None


@pytest.mark.parametrize("name", ["", "-ci", "CI", "a_b", "a b", "ci\n", "é", "\u0661", "a" * 41])
def test_a_name_that_could_not_stand_in_a_token_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"must be 1 to 40 of a-z"):
        parse_name(name)


@pytest.mark.parametrize("names", [[], ["write"], ["READ"], ["read", ""]])
def test_no_scope_or_an_unknown_one_is_refused(names: list[str]) -> None:
    with pytest.raises(ValueError, match=r"must name at least one scope|is not a valid KeyScope"):
        parse_scopes(names)


def test_a_scope_that_is_named_twice_counts_once() -> None:
    assert parse_scopes(["read", "read", "ingest"]) == {KeyScope.READ, KeyScope.INGEST}
