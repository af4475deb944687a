"""What gunicorn serves: `gunicorn -c python:kumo.serving wsgi:app`."""

from kumo.app import create_app

app = create_app()
