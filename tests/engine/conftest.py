"""Services on the real server, with the judge called by hand."""

from collections.abc import Callable

import pytest

from kumo import services, settings
from kumo.services import Services

Build = Callable[..., Services]


@pytest.fixture
def build(redis_url: str) -> Build:
    """Return a function that builds services on an empty server, with other settings if given.

    Alerts have no age limit, because the costs of these tests are old. The plain rule judges, because its figures can
    be computed by hand; tests of `adaptive` set it.
    """
    usual = {"REDIS_URL": redis_url, "KUMO_ALERT_MAX_AGE": "0", "KUMO_DETECTOR": "zscore"}

    def built(**changes: str) -> Services:
        return services.build(settings.load(usual | changes))

    return built
