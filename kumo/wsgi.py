"""The application for gunicorn: `gunicorn -c python:kumo.serving kumo.wsgi:app`, or `wsgi:app` in a checkout."""

import sys
from typing import Final

from flask import Flask

from kumo.app import create_app
from kumo.errors import KumoError

# With this exit code gunicorn stops instead of restarting the worker again and again.
APP_LOAD_ERROR: Final = 4


def _app() -> Flask:
    try:
        return create_app()
    except KumoError as error:
        sys.stderr.write(f"kumo: {error}\n")
        sys.exit(APP_LOAD_ERROR)


app = _app()
