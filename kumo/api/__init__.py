"""The HTTP interface. An endpoint parses the request, calls one function of the engine, and returns."""

from typing import Final

from flask import current_app

from kumo.services import Services

EXTENSION: Final = "kumo"
_CHECKED: Final = "kumo.layout"


def peek_services() -> Services:
    """Return the services of this application, without access to the store."""
    built: Services = current_app.extensions[EXTENSION]
    return built


def services() -> Services:
    """Return the services, after a check that this code may use the store.

    Raises `StoreUnsafeError`: with another layout or number of partitions, writes would corrupt the store.
    """
    built = peek_services()
    if _CHECKED not in current_app.extensions:
        built.check_layout()
        current_app.extensions[_CHECKED] = True
    return built
