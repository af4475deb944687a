"""What the harness's gunicorn serves: each of its workers is forked, loads this, and dies where its services say."""

import os

from kumo.app import create_app
from tests.chaos.process import build

app = create_app(build("web", os.environ))
