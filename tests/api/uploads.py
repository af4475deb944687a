"""Forms with a file, as the tests send them."""

import io
from pathlib import Path
from typing import Any

import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def send(client: FlaskClient, *parts: tuple[str, Any], environ: dict[str, object] | None = None) -> TestResponse:
    """Send a form: a text, or (filename, content) for each of its parts. Flask's own client leaves files open."""
    files = [(name, part if isinstance(part, tuple) else (None, part)) for name, part in parts]
    form = requests.Request("POST", "http://localhost/", files=files).prepare()
    assert isinstance(form.body, bytes)
    body: dict[str, Any] = {"input_stream": io.BytesIO(form.body)} if environ else {"data": form.body}
    kind = form.headers["Content-Type"]
    return client.post("/imports/", content_type=kind, environ_overrides=environ or {}, **body)


def upload(client: FlaskClient, bill: bytes | Path, name: str = "bill.csv", **fields: str) -> TestResponse:
    content = bill if isinstance(bill, bytes) else bill.read_bytes()
    return send(client, ("file", (name, content)), *fields.items())
