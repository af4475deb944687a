"""Whether the API does what its document says: checked by machines that know only the document."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from kumo.domain import money

NOW = datetime.now(UTC).replace(tzinfo=None)
SINCE_1970 = st.datetimes(datetime(1970, 1, 1), NOW, timezones=st.just(UTC))  # noqa: DTZ001
RECENT_DAYS = st.dates(NOW.date() - timedelta(days=1800), NOW.date())

# JSON Schema cannot say "a time from 1970 to a day ahead", nor bound a number in a string.
schemathesis.openapi.format("date-time", SINCE_1970.map(datetime.isoformat))
schemathesis.openapi.format("date", RECENT_DAYS.map(str))
schemathesis.openapi.format("time-or-date", RECENT_DAYS.map(str) | SINCE_1970.map(datetime.isoformat))
schemathesis.openapi.format("decimal", st.integers(-money.MAX_MICROS, money.MAX_MICROS).map(money.exact))


@schemathesis.serializer("application/x-ndjson", "application/jsonl")
def lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    rows = value if isinstance(value, list) else [value]
    return b"\n".join(row.encode() if isinstance(row, str) else json.dumps(row).encode() for row in rows)


@pytest.fixture
def document(client: FlaskClient) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/openapi.json", client.application)


schema = schemathesis.pytest.from_fixture("document")


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_does_what_its_document_says(case: schemathesis.Case) -> None:
    case.call_and_validate()
