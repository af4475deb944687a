"""State machines that know the document, or the rules of recording, and try unexpected sequences."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from redis import Redis

import tests.api.documented  # noqa: F401 - its hooks and formats
from kumo.domain import money
from tests.api.bills import listed, paged
from tests.api.conftest import Serve
from tests.api.refusals import refused
from tests.stack import free_port

WITHOUT_REDIS = {"/", "/healthz"}
# No shrinking: a failure shows the request, which is enough, and the run stays short.
briefly = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_without_redis_all_is_refused_as_documented(serve: Serve) -> None:
    client = serve({"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"})
    schema = schemathesis.openapi.from_wsgi("/openapi.json", client.application)
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # what is wrong with the document raises here
        right = operation.as_strategy()
        wrong = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)

        @briefly
        @given(case=right | wrong if operation.path not in WITHOUT_REDIS | {"/readyz"} else right)
        def attempt(case: schemathesis.Case[Any]) -> None:
            nonlocal tried
            tried += 1
            answer = case.call()
            if case.operation.path in WITHOUT_REDIS:
                assert answer.status_code in {200, 302}
            else:
                assert answer.status_code == 503 or 400 <= answer.status_code < 500, answer.text
                assert answer.headers["content-type"] == ["application/problem+json"]

        attempt()
    assert tried > 150


class Books(RuleBasedStateMachine):
    """Kumo beside a plain dictionary: whatever is sent, they agree."""

    client: FlaskClient
    redis: Redis
    judge: Callable[[], None]

    @initialize()
    def start(self) -> None:
        """Begin with an empty store."""
        self.redis.flushall()
        self.client.application.extensions.pop("kumo.layout", None)
        self.amounts: dict[str, Decimal] = {}
        self.names: dict[tuple[str, str], str] = {}
        self.answers: dict[str, tuple[bytes, str]] = {}

    amounts_sent = st.integers(-money.MAX_MICROS, money.MAX_MICROS) | st.integers(0, 99)
    services = st.sampled_from(["a", "b", "c", "d"])
    external = st.sampled_from(["", "", "x", "y"])

    @rule(service=services, micros=amounts_sent, name=external, again=st.booleans())
    def record(self, service: str, micros: int, name: str, *, again: bool) -> None:
        """Record or restate one cost, perhaps twice under its key."""
        key = str(len(self.answers))
        body = json.dumps({"service": service, "amount": money.exact(micros), "external_id": name})
        for _ in range(1 + again):
            answer = self.client.post(
                "/ingest/", data=body, content_type="application/json", headers={"Idempotency-Key": key}
            )
            assert answer.status_code == 202
            assert self.answers.setdefault(key, (answer.data, body)) == (answer.data, body)
        self._know(service, name, answer.get_json()["id"], micros)

    @rule(rows=st.lists(st.tuples(services, amounts_sent, external), min_size=1, max_size=30))
    def record_batch(self, rows: list[tuple[str, int, str]]) -> None:
        """Record many at once, restatements among them."""
        fields = [{"service": row[0], "amount": money.exact(row[1]), "external_id": row[2]} for row in rows]
        told = self.client.post("/ingest/batch", json=fields).get_json()
        before = len(self.amounts)
        for (service, micros, name), cost_id in zip(rows, told["ids"], strict=True):
            self._know(service, name, cost_id, micros)
        assert told["accepted"] == len(self.amounts) - before
        assert told["accepted"] + told["restated"] + told["duplicates"] == len(rows)

    @rule(service=services, place=st.integers(0, 20))
    def refuse(self, service: str, place: int) -> None:
        """Send a batch with one that is wrong; nothing of it counts."""
        rows: list[dict[str, object]] = [{"service": service, "amount": 1} for _ in range(21)]
        rows[place]["amount"] = "much"
        assert refused(self.client.post("/ingest/batch", json=rows), 422)["errors"][0]["index"] == place

    @rule()
    def judge_all(self) -> None:
        """Run the workers."""
        self.judge()
        assert listed(self.client, "/costs/", status="pending") == []

    @rule(service=services, limit=st.integers(1, 5))
    def page(self, service: str, limit: int) -> None:
        """Page through one service."""
        rows = paged(self.client, "/costs/", service=service, limit=limit)
        assert rows == listed(self.client, "/costs/", service=service, limit=1000)

    @invariant()
    def they_agree(self) -> None:
        """Compare every cost, and the totals."""
        rows = listed(self.client, "/costs/", limit=1000)
        assert {row["id"]: Decimal(row["amount_exact"]) for row in rows} == self.amounts
        totals = listed(self.client, "/costs/summary", by="none")
        assert sum(row["entries"] for row in totals) == len(self.amounts)
        assert sum(Decimal(row["amount_exact"]) for row in totals) == sum(self.amounts.values())

    def _know(self, service: str, name: str, cost_id: str, micros: int) -> None:
        if name:
            assert self.names.setdefault((service, name), cost_id) == cost_id
        self.amounts[cost_id] = Decimal(micros).scaleb(-6)


@pytest.mark.timeout(120)
def test_whatever_is_sent_the_books_agree(client: FlaskClient, redis_client: Redis, judged: Callable[[], None]) -> None:
    machine = type("Ours", (Books,), {"client": client, "redis": redis_client, "judge": staticmethod(judged)})
    limits = settings(max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=limits)
