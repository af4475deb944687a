"""Checks before a start: the address to listen on, and each Redis in the settings."""

import errno
import re
import socket
from urllib.parse import urlsplit

import redis

from kumo.errors import SettingsError
from kumo.settings import Settings
from kumo.store import client, cluster


def check(settings: Settings) -> None:
    """Raise `SettingsError` with setting and address if one of them cannot be used."""
    _listen(settings.host, settings.port)
    for name, url in (("REDIS_URL", settings.redis_url), ("KUMO_STORE_URL", settings.store_url)):
        if url:
            _ask(name, url)


def _listen(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise SettingsError(f"PORT: another program already listens on {host}:{port}.") from None
            raise SettingsError(f"KUMO_HOST, PORT: {host}:{port} cannot be listened on: {error.strerror}.") from None


def _ask(name: str, url: str) -> None:
    try:
        for node in cluster.nodes(client.connect(url)).values():
            node.ping()
    except (redis.RedisError, TypeError, ValueError) as error:  # or an unknown option
        detail = str(error).rstrip(".")
        raise SettingsError(f"{name}: no Redis can be used at {_without_secrets(url)}: {detail}.") from None


def _without_secrets(url: str) -> str:
    """Return an address, or several, without names, passwords and options."""
    parts = [urlsplit(part) for part in re.split(r",(?=rediss?://)", url)]
    return ",".join(f"{part.scheme}://{part.netloc.rpartition('@')[2]}{part.path}" for part in parts)
