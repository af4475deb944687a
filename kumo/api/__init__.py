"""The HTTP interface: an endpoint parses, calls one function of the engine, returns."""

from typing import Final

from flask import current_app

from kumo.services import Services

EXTENSION: Final = "kumo"
_CHECKED: Final = "kumo.layout"


def peek_services() -> Services:
    """Return the services of this application, without a look at the store."""
    built: Services = current_app.extensions[EXTENSION]
    return built


def services() -> Services:
    """Return the services, once it is sure that this code may touch the store at all.

    Raises `StoreUnsafeError`: another layout or number of partitions would scatter what is stored.
    """
    built = peek_services()
    if _CHECKED not in current_app.extensions:
        built.check_layout()
        current_app.extensions[_CHECKED] = True
    return built
