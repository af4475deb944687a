"""What gunicorn serves in a checkout: `gunicorn -c python:kumo.serving wsgi:app`."""

from kumo.wsgi import app

__all__ = ["app"]
