"""API keys: what is stored, who is let in, and that a revoked key stops working at once."""

import pytest

from kumo.domain.access import KeyScope
from kumo.engine.ops import access
from kumo.errors import ConflictError, ForbiddenError, InvalidQueryError, NotFoundError, UnauthenticatedError
from kumo.services import Services
from tests.conftest import Build


def stored(services: Services) -> str:
    return repr({key: services.store.client.hgetall(key) for key in services.store.client.scan_iter()})


def test_a_key_lets_in_for_its_scopes_and_no_other(services: Services) -> None:
    token = access.issue(services, "ci", ["ingest", "read"])
    found = access.admit(services, token, KeyScope.INGEST)
    assert found is not None
    assert found.name == "ci"
    with pytest.raises(ForbiddenError, match="admin"):
        access.admit(services, token, KeyScope.ADMIN)


def test_an_admin_may_do_all(services: Services) -> None:
    token = access.issue(services, "root", ["admin"])
    assert all(access.admit(services, token, scope) for scope in KeyScope)


def test_only_a_digest_of_the_secret_is_kept(services: Services) -> None:
    token = access.issue(services, "ci", ["read"])
    assert token.split("_")[2] not in stored(services)
    assert token not in repr(access.list_keys(services))


def test_a_revoked_key_is_dead_at_once(services: Services) -> None:
    token = access.issue(services, "ci", ["read"])
    access.issue(services, "other", ["read"])
    access.revoke(services, "ci")
    with pytest.raises(UnauthenticatedError):
        access.admit(services, token, KeyScope.READ)
    with pytest.raises(NotFoundError):
        access.revoke(services, "ci")


def test_a_name_used_again_gets_another_secret(services: Services) -> None:
    first = access.issue(services, "ci", ["read"])
    access.revoke(services, "ci")
    second = access.issue(services, "ci", ["read"])
    assert first != second
    with pytest.raises(UnauthenticatedError):
        access.admit(services, first, KeyScope.READ)
    assert access.admit(services, second, KeyScope.READ)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "a", lambda t: t.upper(), lambda t: t[:8] + "a" * 43]
)
def test_a_wrong_secret_is_refused(services: Services, change: object) -> None:
    token = access.issue(services, "ci", ["read"])
    with pytest.raises(UnauthenticatedError):
        access.admit(services, change(token), KeyScope.READ)  # type: ignore[operator]


@pytest.mark.parametrize("bearer", ["", "x", "kumo__", "kumo_ci_", "kumo_{0}_" + "a" * 43, "\x00", "k" * 10_000])
def test_what_is_no_token_is_refused(services: Services, bearer: str) -> None:
    with pytest.raises(UnauthenticatedError):
        access.admit(services, bearer, KeyScope.READ)


def test_a_taken_name_is_refused_and_the_key_stays(services: Services) -> None:
    token = access.issue(services, "ci", ["read"])
    with pytest.raises(ConflictError):
        access.issue(services, "ci", ["admin"])
    with pytest.raises(ForbiddenError):
        access.admit(services, token, KeyScope.ADMIN)


@pytest.mark.parametrize(
    ("name", "scopes"), [("", ["read"]), ("a_b", ["read"]), ("A", ["read"]), ("a", []), ("a", ["x"])]
)
def test_a_wrong_name_or_scope_is_refused(services: Services, name: str, scopes: list[str]) -> None:
    with pytest.raises(InvalidQueryError):
        access.issue(services, name, scopes)
    assert access.list_keys(services) == []


@pytest.mark.parametrize(
    ("host", "auth", "keys", "opened"),
    [
        ("127.0.0.1", "on", False, True),
        ("localhost", "on", False, True),
        ("::1", "on", False, True),
        ("127.0.0.1", "on", True, False),
        ("0.0.0.0", "on", False, False),
        ("192.0.2.1", "on", False, False),
        ("0.0.0.0", "off", True, True),
    ],
)
def test_without_a_key_only_this_machine_is_let_in(
    build: Build, host: str, auth: str, *, keys: bool, opened: bool
) -> None:
    services = build(KUMO_HOST=host, KUMO_AUTH=auth)
    if keys:
        access.issue(services, "ci", ["read"])
    if opened:
        assert access.admit(services, None, KeyScope.ADMIN) is None
        if keys:  # then a key closes nothing either
            token = access.issue(services, "reader", ["read"])
            assert access.admit(services, token, KeyScope.ADMIN) is None
    else:
        with pytest.raises(UnauthenticatedError):
            access.admit(services, None, KeyScope.READ)
