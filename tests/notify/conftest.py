"""A Slack to send to, and a watch on the log: no test may write a webhook's address there."""

import logging
from collections.abc import Iterator

import pytest

from tests.fakes.slack import FakeSlack
from tests.notify.sending import SECRETS


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as running:
        yield running


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    logged = "\n".join(record.getMessage() for record in caplog.get_records("call"))
    assert not any(secret in logged for secret in SECRETS)
