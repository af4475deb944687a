"""By which names a service that needs no key may be called, and for which pages a browser may write."""

import pytest
from flask.testing import FlaskClient
from redis import Redis

from kumo.engine.ops import access
from kumo.errors import SettingsError
from kumo.services import Services
from tests.api.conftest import Serve
from tests.api.refusals import nothing_stored, refused
from tests.stack import eventually

COST = {"service": "x", "amount": 1}
LOCAL = ["localhost", "LocalHost:8000", "localhost.", "app.localhost:1", "127.0.0.1", "127.9.9.9:80", "[::1]:8000"]
LOCAL_TOO = ["[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "localhost:"]
OTHERS = ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.5", "[::2]"]
NONE = [
    "",
    "localhost,evil.example",
    "local host",
    "localhost:port",
    "user@localhost",
    "[::1",
    "[::1]x",
    "::1",
    "127.1",
]
WRITES = [
    ("POST", "/ingest/"),
    ("POST", "/ingest/batch"),
    ("POST", "/imports/"),
    ("DELETE", "/imports/1"),
    ("PUT", "/policies/p"),
    ("DELETE", "/policies/p"),
    ("POST", "/alerts/test"),
    ("POST", "/anomalies/3syl4sob76vyd2z3-0000000015/feedback"),
]
PAGES = ["/", "/dashboard/", "/docs/", "/openapi.json", "/nothing", "/costs/"]
CROSS = {"Sec-Fetch-Site": "cross-site"}


def status(client: FlaskClient, path: str, method: str = "GET", **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open(path, method=method, headers=named, buffered=True).status_code


@pytest.mark.parametrize("host", LOCAL + LOCAL_TOO)
def test_without_a_key_loopback_names_are_served(client: FlaskClient, host: str) -> None:
    assert status(client, "/costs/", Host=host) == 200


@pytest.mark.parametrize("host", OTHERS + NONE)
def test_without_a_key_other_names_are_refused(client: FlaskClient, redis_client: Redis, host: str) -> None:
    with nothing_stored(redis_client):
        answer = client.post("/ingest/", json=COST, headers={"Host": host, "X-Forwarded-Host": "localhost"})
        assert "KUMO_ALLOWED_HOSTS" in refused(answer, 421)["detail"]
    assert [status(client, page, Host=host) for page in PAGES] == [421] * len(PAGES)


def test_a_request_without_a_name_is_refused(client: FlaskClient) -> None:
    assert client.get("/costs/", environ_overrides={"HTTP_HOST": ""}).status_code == 421


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_call_by_any_name(client: FlaskClient, path: str) -> None:
    assert status(client, path, Host="10.1.2.3:8000") == 200


@pytest.mark.parametrize(
    ("environ", "served", "refused"),
    [
        ({"KUMO_PUBLIC_URL": "https://Kumo.Example/"}, ["kumo.example", "KUMO.example:443"], ["www.kumo.example"]),
        ({"KUMO_PUBLIC_URL": "https://kümo.example"}, ["xn--kmo-hoa.example"], ["kumo.example"]),
        ({"KUMO_HOST": "0.0.0.0", "KUMO_AUTH": "off"}, ["0.0.0.0:8000", "localhost"], ["10.0.0.5", "kumo.lan"]),
        ({"KUMO_HOST": "kumo.lan", "KUMO_AUTH": "off"}, ["kumo.lan:8000"], ["lan", "x.kumo.lan"]),
        ({"KUMO_ALLOWED_HOSTS": "a.example, [2001:DB8::1], b_c"}, ["a.example:1", "[2001:db8:0::1]", "b_c"], ["b-c"]),
    ],
)
def test_names_of_the_settings_are_served(
    serve: Serve, environ: dict[str, str], served: list[str], refused: list[str]
) -> None:
    client = serve(environ)
    assert [status(client, "/costs/", Host=host) for host in served] == [200] * len(served)
    assert [status(client, "/costs/", Host=host) for host in refused] == [421] * len(refused)


def test_with_keys_any_name_is_served_unless_some_are_listed(serve: Serve, built: Services) -> None:
    key = {"Authorization": f"Bearer {access.issue(built, 'ci', ['read'])}"}
    assert status(serve(), "/costs/", Host="web:8000", **key) == 200
    assert status(serve(), "/dashboard/", Host="web:8000") == 200
    listing = serve({"KUMO_ALLOWED_HOSTS": "kumo.example"})
    assert status(listing, "/costs/", Host="web:8000", **key) == 421
    assert status(listing, "/costs/", Host="kumo.example", **key) == 200
    assert status(listing, "/costs/", Host="localhost:8000", **key) == 200


def test_the_first_key_lets_other_names_in_within_a_second(client: FlaskClient, built: Services) -> None:
    assert status(client, "/docs/", Host="web:8000") == 421
    access.issue(built, "ci", ["read"])
    eventually(lambda: status(client, "/docs/", Host="web:8000") == 200)


def test_while_the_store_is_away_only_pages_are_served_to_other_names(serve: Serve) -> None:
    client = serve({"REDIS_URL": "redis://127.0.0.1:1"})
    assert status(client, "/dashboard/", Host="web:8000") == 200
    assert status(client, "/costs/", Host="web:8000") == 503
    assert status(client, "/dashboard/", Host="localhost") == 200


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "https://localhost:8000"},
        {"Origin": "http://localhost, http://localhost"},
        {"Origin": "http://localhost", **CROSS},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
        CROSS,
    ],
)
def test_no_page_of_another_origin_writes(
    client: FlaskClient, redis_client: Redis, method: str, path: str, headers: dict[str, str]
) -> None:
    with nothing_stored(redis_client):
        refused(client.open(path, method=method, json=COST, headers=headers), 403)


@pytest.mark.parametrize(
    ("environ", "headers"),
    [
        ({}, {}),
        ({}, {"Sec-Fetch-Site": "same-origin"}),
        ({}, {"Sec-Fetch-Site": "none"}),
        ({}, {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}),
        ({}, {"Origin": "https://localhost"}),  # behind a proxy that speaks TLS
        ({}, {"Origin": "http://localhost:8000", "Host": "LOCALHOST:8000"}),
        ({}, {"Origin": "http://[::1]:8000", "Host": "[0:0::1]:8000"}),
        ({"KUMO_PUBLIC_URL": "https://a.b"}, {"Origin": "https://a.b", "Host": "127.0.0.1:8000"}),
        ({"KUMO_PUBLIC_URL": "https://a.b"}, {"Origin": "https://a.b", "Host": "a.b:443"}),
        ({"KUMO_CORS_ORIGINS": "https://A.b"}, {"Origin": "https://a.b", **CROSS}),
    ],
)
def test_own_and_listed_pages_write_and_so_does_what_is_no_page(
    serve: Serve, environ: dict[str, str], headers: dict[str, str]
) -> None:
    assert serve(environ).post("/ingest/", json=COST, headers=headers).status_code == 202


def test_with_a_key_it_is_the_same(serve: Serve, built: Services) -> None:
    key = {"Authorization": f"Bearer {access.issue(built, 'ci', ['ingest'])}"}
    client = serve()
    assert client.post("/ingest/", json=COST, headers=key).status_code == 202
    assert client.post("/ingest/", json=COST, headers=key | {"Origin": "https://evil.example"}).status_code == 403


def test_all_origins_need_keys(serve: Serve, built: Services) -> None:
    anyone = {"KUMO_CORS_ORIGINS": "*"}
    with pytest.raises(SettingsError, match="KUMO_CORS_ORIGINS"):
        serve(anyone)
    with pytest.raises(SettingsError, match="KUMO_CORS_ORIGINS"):
        serve(anyone | {"KUMO_AUTH": "off"})
    key = {"Authorization": f"Bearer {access.issue(built, 'ci', ['ingest'])}", "Origin": "https://a.b", **CROSS}
    answer = serve(anyone).post("/ingest/", json=COST, headers=key)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (202, "https://a.b")


def test_all_origins_are_refused_once_the_keys_are_gone(serve: Serve, built: Services, redis_client: Redis) -> None:
    access.issue(built, "ci", ["read"])
    client = serve({"KUMO_CORS_ORIGINS": "*"})
    redis_client.flushall()
    for method, path in (("GET", "/costs/"), ("OPTIONS", "/costs/"), ("POST", "/ingest/")):
        answer = client.open(path, method=method, headers={"Origin": "https://a.b"})
        assert "KUMO_CORS_ORIGINS" in refused(answer, 403)["detail"]
    assert status(client, "/costs/", Origin="http://localhost") == 200
