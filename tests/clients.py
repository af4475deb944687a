"""A client of the application in this process, which counts no requests any more once it is left."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient

from kumo.api import telemetry
from kumo.app import create_app
from kumo.services import Services


@contextmanager
def client_of(services: Services) -> Iterator[FlaskClient]:
    """Serve with some services. The counts are written at the end, else they would appear in another test."""
    app = create_app(services)
    try:
        yield app.test_client()
    finally:
        app.extensions[telemetry.EXTENSION].close()
