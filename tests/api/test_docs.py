import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def read(client: FlaskClient, path: str) -> TestResponse:
    return client.get(path, buffered=True)  # which closes the file


def test_the_page_loads_nothing_from_another_host_and_runs_nothing_inline(client: FlaskClient) -> None:
    page = read(client, "/docs")
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)
    scripts = re.findall(r"<script.*?</script>", page.text)
    assert all(re.fullmatch(r'<script src="[^"]+"></script>', script) for script in scripts)
    assert not re.search(r"<style|style=|\son\w+=", page.text)


def test_everything_that_the_page_loads_is_there(client: FlaskClient) -> None:
    for source in re.findall(r'(?:src|href)="([^"]+)"', read(client, "/docs").text):
        answer = read(client, source)
        assert answer.status_code == 200, source
        assert answer.data


def test_the_policy_forbids_what_the_page_does_without(client: FlaskClient) -> None:
    policy = read(client, "/docs").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("name", ["../__init__.py", "nope.js", "%2e%2e/flask_swagger_ui.py"])
def test_only_the_files_of_the_interface_are_served(client: FlaskClient, name: str) -> None:
    answer = read(client, f"/docs/{name}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
