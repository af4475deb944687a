"""The composition root: builds everything once from the settings, for web, workers and command line."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kumo.domain import detectors
from kumo.domain.detectors import Detector
from kumo.errors import SettingsError
from kumo.jobs import Jobs
from kumo.notify import registry
from kumo.notify.registry import Channels
from kumo.settings import Settings
from kumo.store import client, embedded
from kumo.store.client import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a use case needs.

    `clock` returns ms since 1970, `token` returns a unique name. `failpoint` is called at each point where a kill would
    do most harm. It does nothing; the chaos tests replace it with a function that kills the process there.
    """

    settings: Settings
    store: Store
    jobs: Jobs
    detector: Detector[Any]
    channels: Channels
    clock: Callable[[], int]
    token: Callable[[], str]
    failpoint: Callable[[str], None] = lambda _: None

    def check_layout(self) -> None:
        """Make sure that this version may touch the store; an empty one gets its layout's mark.

        Raises `StoreUnsafeError` for another layout, another number of partitions, or a restore that has not ended.
        """
        client.check_layout(self.store)


def build(settings: Settings) -> Services:
    """Build the services. Connects to nothing before the first use.

    Raises `SettingsError` if no Redis is set and no embedded server runs.
    """
    broker_url = settings.redis_url or _find_embedded(settings)
    connection = client.connect(settings.store_url or broker_url)
    store = client.build(connection, settings.partitions, settings.window, settings.tag_keys)
    return Services(
        settings=settings,
        store=store,
        jobs=Jobs(
            client.connect_server(broker_url),
            client.connect_server(broker_url, client.HASTY_SECONDS, client.HASTY_SECONDS),
        ),
        detector=detectors.build(settings.detector, settings.threshold, settings.min_history),
        channels=registry.build(settings),
        clock=lambda: time.time_ns() // 1_000_000,
        token=lambda: secrets.token_hex(8),
    )


def _find_embedded(settings: Settings) -> str:
    if not embedded.running(settings.data_dir):
        raise SettingsError("REDIS_URL is not set and no embedded server runs here: set it, or start `make run`.")
    return embedded.url(settings.data_dir)
