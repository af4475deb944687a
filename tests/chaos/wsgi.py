"""The application of the harness's gunicorn: each forked worker loads this, and dies where its services say."""

import os

from kumo.app import create_app
from tests.chaos.process import build

app = create_app(build("web", os.environ))
