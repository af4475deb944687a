import subprocess
import sys

import pytest

from tests.stack import free_port

PRINT = "from kumo import serving as s; print(s.bind, s.workers, s.worker_class, s.graceful_timeout)"


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({}, "127.0.0.1:8000 2 gthread 15"),
        ({"KUMO_HOST": "::", "PORT": "81", "WEB_CONCURRENCY": "3"}, "[::]:81 3 gthread 15"),
    ],
)
def test_gunicorn_listens_where_the_settings_say(environ: dict[str, str], shown: str) -> None:
    command = [sys.executable, "-c", PRINT]
    assert subprocess.check_output(command, env=environ, text=True).strip() == shown


def test_gunicorn_takes_the_configuration() -> None:
    command = [sys.executable, "-m", "gunicorn", "-c", "python:kumo.serving", "--print-config"]
    shown = subprocess.check_output([*command, "wsgiref.simple_server:demo_app"], text=True)
    values = dict(line.split("=", 1) for line in shown.replace(" ", "").splitlines() if "=" in line)
    assert values["worker_class"].endswith("gthread'>") or values["worker_class"] == "gthread"
    assert (values["threads"], values["keepalive"], values["preload_app"]) == ("8", "30", "False")
    assert values["control_socket_disable"] == "True"


def test_gunicorn_gives_up_where_the_service_would_stand_open(redis_url: str) -> None:
    environ = {"KUMO_HOST": "0.0.0.0", "PORT": str(free_port()), "REDIS_URL": redis_url}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:kumo.serving", "wsgi:app"]
    found = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 4
    assert "there is no API key" in found.stderr
