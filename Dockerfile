FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/kumo

# Before the code, so that a change of it does not install everything again.
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt \
    && useradd --system --no-create-home --shell /usr/sbin/nologin kumo

COPY . .
USER kumo

# Inside a container the web has to listen on all addresses; what reaches it is the host's choice.
ENV KUMO_HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=3)"]

CMD ["gunicorn", "-c", "python:kumo.serving", "wsgi:app"]
