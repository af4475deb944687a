"""A client of the application in this process, which counts no requests any more once it is left."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient

from kumo.api import telemetry
from kumo.app import create_app
from kumo.services import Services


@contextmanager
def client_of(services: Services) -> Iterator[FlaskClient]:
    """Serve over some services. What was counted is written at the end, else it would come amid another test."""
    app = create_app(services)
    try:
        yield app.test_client()
    finally:
        app.extensions[telemetry.EXTENSION].close()
