"""The WSGI application: `gunicorn -c python:kumo.serving wsgi:app`."""

import sys

from kumo.app import create_app
from kumo.errors import KumoError

try:
    app = create_app()
except KumoError as error:
    sys.exit(f"kumo: {error}")
