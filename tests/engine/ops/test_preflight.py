import socket
from pathlib import Path

import pytest

from kumo.engine.ops import preflight
from kumo.errors import SettingsError
from kumo.settings import Settings
from tests.cli.test_main import kumo
from tests.stack import free_port

NOWHERE = "127.0.0.1:1/0"


def test_nothing_is_said_where_all_is_there(redis_url: str) -> None:
    preflight.check(Settings(redis_url=redis_url, store_url=redis_url, port=free_port()))
    preflight.check(Settings(port=free_port()))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_is_named(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=f"^PORT: another program already listens on {host}:{port}.$"):
            preflight.check(Settings(host=host, port=port))


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
def test_an_address_that_is_not_this_machines_is_named(host: str) -> None:
    with pytest.raises(SettingsError, match=f"^KUMO_HOST, PORT: {host}:8000 cannot be listened on: "):
        preflight.check(Settings(host=host))


@pytest.mark.parametrize(
    ("name", "url", "shown"),
    [
        ("redis_url", f"redis://user:secret@{NOWHERE}?x=secret", f"redis://{NOWHERE}"),
        ("redis_url", f"rediss://:secret@{NOWHERE}", f"rediss://{NOWHERE}"),
        ("redis_url", "unix:///no/such/socket?password=secret", "unix:///no/such/socket"),
        ("store_url", f"redis://:secret@{NOWHERE}", f"redis://{NOWHERE}"),
        ("store_url", f"redis://:secret@{NOWHERE},redis://127.0.0.1:2", f"redis://{NOWHERE},redis://127.0.0.1:2"),
    ],
)
def test_a_redis_that_does_not_answer_is_named_without_its_secrets(name: str, url: str, shown: str) -> None:
    with pytest.raises(SettingsError) as refused:
        preflight.check(Settings(**{name: url, "port": free_port()}))  # type: ignore[arg-type]
    setting = {"redis_url": "REDIS_URL", "store_url": "KUMO_STORE_URL"}[name]
    assert str(refused.value).startswith(f"{setting}: no Redis can be used at {shown}: ")
    assert "secret" not in str(refused.value)


def test_up_says_what_is_missing_in_one_line_and_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        tries = [
            (
                {"PORT": taken, "KUMO_DATA_DIR": str(tmp_path / "var")},
                f"PORT: another program already listens on 127.0.0.1:{taken}",
            ),
            ({"KUMO_DATA_DIR": str(tmp_path / "file")}, f"KUMO_DATA_DIR: {tmp_path}/file is not writable: "),
            ({"REDIS_URL": f"redis://{NOWHERE}"}, f"REDIS_URL: no Redis can be used at redis://{NOWHERE}: "),
        ]
        for environ, line in tries:
            found = kumo("up", **{"PORT": str(free_port()), **environ})
            assert found.returncode == 1
            assert found.stderr.startswith(f"kumo: {line}")
            assert found.stderr.count("\n") == 1
    assert not (tmp_path / "var").exists()
