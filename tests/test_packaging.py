import ast
import json
import re
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from packaging.requirements import Requirement

import kumo
from kumo import settings
from kumo.cli import processes

ROOT: Final = Path(__file__).parents[1]
PROCFILE: Final = """\
web: gunicorn -c python:kumo.serving wsgi:app
worker: python -m worker judge
notifier: python -m worker notify
importer: python -m worker import
release: python -m kumo check
"""


def read(name: str) -> str:
    return (ROOT / name).read_text()


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(read("docker-compose.yml"))
    return loaded


def dockerfile() -> list[tuple[str, str]]:
    """Return each instruction of the Dockerfile with the rest of its line."""
    lines = read("Dockerfile").replace("\\\n", " ").splitlines()
    pairs = (line.split(None, 1) for line in lines if line.strip() and not line.startswith("#"))
    return [(word, rest) for word, rest in pairs]


def pinned(name: str) -> list[Requirement]:
    """Return what a file of fixed versions installs here, without hashes."""
    lines = (line.removesuffix(" \\") for line in read(name).splitlines() if line[:1].isalnum())
    found = [Requirement(line) for line in lines]
    return [each for each in found if each.marker is None or each.marker.evaluate()]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_example_lists_every_setting() -> None:
    make = "python -c 'from kumo import settings; print(settings.example(), end=\"\")'"
    assert read(".env.example") == settings.example(), f"renew it: {make} > .env.example"


def test_the_example_as_it_is_changes_nothing() -> None:
    values = [line for line in read(".env.example").splitlines() if line and line[0] != "#"]
    assert values == []


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "kumo/__init__.py"
    assert f"## {kumo.__version__}" in read("CHANGELOG.md")


def test_the_procfile_is_what_platforms_were_told() -> None:
    assert read("Procfile") == PROCFILE


@pytest.mark.parametrize("path", ["worker/__main__.py", "kumo/__main__.py", "kumo/serving/__init__.py"])
def test_the_procfile_names_modules_that_exist(path: str) -> None:
    assert (ROOT / path).is_file()


def test_the_procfile_names_an_app_that_exists() -> None:
    assert "from kumo.wsgi import app" in read("wsgi.py").splitlines()
    assigned = [node for node in ast.parse(read("kumo/wsgi.py")).body if isinstance(node, ast.Assign)]
    assert [ast.unparse(target) for node in assigned for target in node.targets] == ["app"]


def test_up_runs_the_processes_of_the_procfile() -> None:
    lines = {name: command for name, _, command in (x.partition(": ") for x in PROCFILE.split("\n"))}
    for name, command in processes.COMMANDS.items():
        assert lines[name].removeprefix("python -m ") == " ".join(command).replace("kumo.wsgi", "wsgi")


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_each_requirement_is_fixed_to_the_installed_version(name: str) -> None:
    for requirement in pinned(name):
        installed = metadata.version(requirement.name)
        assert str(requirement.specifier) == f"=={installed}", requirement.name


def test_what_the_requirements_need_is_fixed_as_well() -> None:
    fixed = {canonical(requirement.name) for requirement in pinned("requirements.txt")}
    for requirement in pinned("requirements.txt"):
        for text in metadata.requires(requirement.name) or []:
            needed = Requirement(text)
            extras = requirement.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in extras):
                assert canonical(needed.name) in fixed, f"{requirement.name} needs {needed}"


def test_compose_runs_the_processes_of_the_procfile_beside_a_safe_redis() -> None:
    services = compose()["services"]
    assert set(services) == {"web", "worker", "notifier", "importer", "redis"}
    assert services["worker"]["command"] == ["python", "-m", "worker", "judge"]
    assert services["notifier"]["command"] == ["python", "-m", "worker", "notify"]
    assert services["importer"]["command"] == ["python", "-m", "worker", "import"]
    command = " ".join(services["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert services["redis"]["volumes"] == ["redis:/data"]
    assert "redis" in compose()["volumes"]


@pytest.mark.parametrize("name", ["web", "worker", "notifier", "importer"])
def test_each_process_in_compose_waits_for_a_healthy_redis_and_has_time_to_stop(name: str) -> None:
    service = compose()["services"][name]
    assert service["depends_on"] == {"redis": {"condition": "service_healthy"}}
    assert service["environment"]["REDIS_URL"] == "redis://redis:6379/0"
    assert service["env_file"] == [{"path": ".env", "required": False}]
    assert service["stop_grace_period"] == "30s"


def test_compose_publishes_the_web_to_this_machine_alone() -> None:
    services = compose()["services"]
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8000:8000"]}
    assert services["web"]["environment"]["KUMO_HOST"] == "0.0.0.0"
    assert "test" in services["redis"]["healthcheck"]


def test_compose_and_the_image_leave_the_door_closed_until_there_is_a_key() -> None:
    assert "KUMO_AUTH" not in read("docker-compose.yml") + read("Dockerfile")


def test_compose_and_the_image_set_only_known_settings() -> None:
    known = {row.name for row in settings.TABLE}
    given = {name for s in compose()["services"].values() for name in s.get("environment", {})}
    assert given <= known
    environ = " ".join(rest for word, rest in dockerfile() if word == "ENV")
    assert {name for name in re.findall(r"([A-Z_]+)=", environ) if "PYTHON" not in name} <= known


def test_the_image_runs_as_a_user_without_rights_and_brings_no_secrets() -> None:
    words = [word for word, _ in dockerfile()]
    instructions = dict(dockerfile())
    assert instructions["USER"] not in {"root", "0"}
    assert words.index("USER") < words.index("CMD")
    assert "ADD" not in words
    assert instructions["EXPOSE"] == "8000"
    assert read(".dockerignore").splitlines()[1] == "*"
    assert not re.search(r"(?i)password|secret|webhook|token", read("Dockerfile"))


def test_the_image_holds_what_it_runs() -> None:
    kept = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    assert kept == {"kumo", "worker", "requirements.txt", "wsgi.py"}
    command = json.loads(dockerfile()[-1][1])
    assert " ".join(command) == PROCFILE.splitlines()[0].removeprefix("web: ")


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_of_the_image_asks_the_health_page(status: int, code: int) -> None:
    asked = []

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    check = json.loads(dict(dockerfile())["HEALTHCHECK"].partition("CMD ")[2])
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        environ = {"PORT": str(server.server_port)}
        done = subprocess.run([sys.executable, *check[1:]], env=environ, stderr=subprocess.DEVNULL, check=False)
    assert (done.returncode, asked) == (code, ["/healthz"])
