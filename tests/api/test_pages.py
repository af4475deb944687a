"""Every list shows each of its rows once, however many share a time, and whatever comes in between two pages."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from kumo.domain.entries import parse_timestamp
from kumo.engine import delivery
from kumo.engine.detection import judge
from kumo.services import Services
from kumo.store import retention
from tests.api.bills import Row, ids, listed
from tests.api.conftest import Serve
from tests.store import indexes

MIDNIGHT = "2026-03-01T00:00:00Z"
TIMES = {"/costs/": "timestamp", "/anomalies/": "opened_at", "/alerts/": "created_at"}
MANY = 900


@pytest.fixture
def client(serve: Serve) -> FlaskClient:
    return serve({"KUMO_MIN_HISTORY": "2"})


def pages(client: FlaskClient, path: str, query: dict[str, Any]) -> Iterator[list[Row]]:
    """Follow the next links from the first page to the last: each before it is full, and there is an end."""
    answer = client.get(path, query_string=query)
    for _ in range(2000):
        assert answer.status_code == 200, answer.text
        yield answer.get_json()
        if "Link" not in answer.headers:
            return
        assert len(answer.get_json()) == query["limit"]
        answer = client.get(answer.headers["Link"][1:].partition(">")[0])
    raise AssertionError(f"{path} has no end")


def all_jump(client: FlaskClient, services: Services) -> None:
    """Give nine hundred series an anomaly at one midnight."""
    usual = [
        {"service": f"s{number}", "amount": 50 + day, "timestamp": f"2026-02-0{day}T00:00:00Z"}
        for number in range(MANY)
        for day in (1, 2, 3)
    ]
    jumps = [{"service": f"s{number}", "amount": 500, "timestamp": MIDNIGHT} for number in range(MANY)]
    for batch in (usual, jumps):
        assert client.post("/ingest/batch", json=batch).status_code == 202
    for number in range(len(services.store.partitions)):
        judge.judge_partition(services, number)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize(("path", "query"), [("/anomalies/", {}), ("/costs/", {"status": "anomaly"}), ("/costs/", {})])
def test_nine_hundred_that_jump_at_one_midnight_are_each_listed_once(
    client: FlaskClient, built: Services, path: str, query: dict[str, str], order: str
) -> None:
    all_jump(client, built)
    found = ids(row for page in pages(client, path, query | {"limit": 60, "order": order}) for row in page)
    assert len(found) == len(set(found)) == (MANY if path == "/anomalies/" or query else 4 * MANY)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_alerts_are_each_listed_once_though_they_are_committed_after_they_were_made(
    client: FlaskClient, built: Services, order: str
) -> None:
    clock = itertools.count(built.clock(), 7)
    all_jump(client, replace(built, clock=lambda: next(clock)))
    rows = [row for page in pages(client, "/alerts/", {"limit": 60, "order": order}) for row in page]
    assert len(set(ids(rows))) == len(rows) == MANY
    assert rows == sorted(rows, key=lambda row: (row["created_at"], row["id"]), reverse=order == "desc")


class Event(NamedTuple):
    """A cost of few services at few times: an ordinary one, or a jump. `name` makes it one that may be restated."""

    service: int
    slot: int
    name: int | None
    amount: int
    tax: bool = False

    @property
    def day(self) -> int:
        """The day of the month on which it is."""
        return 1 + (self.slot if self.name is None else self.name % 3)

    @property
    def body(self) -> Row:
        """The cost as sent."""
        named = {} if self.name is None else {"external_id": str(self.name)}
        kind = {"charge_category": "Tax"} if self.tax else {}
        return (
            {
                "service": f"s{self.service}",
                "amount": self.amount,
                "timestamp": f"2026-03-0{self.day}T00:00:00Z",
            }
            | named
            | kind
        )


events = st.builds(
    Event,
    service=st.integers(0, 4),
    slot=st.integers(0, 2),
    name=st.none() | st.integers(0, 4),
    amount=st.sampled_from([50, 51, 52, 500, 5000]),
    tax=st.sampled_from([False, False, False, True]),
)


class Step(NamedTuple):
    """The changes between two pages."""

    events: list[Event]
    judged: bool
    sent: bool
    swept: bool = False


steps = st.builds(
    Step,
    events=st.lists(events, max_size=8),
    judged=st.booleans(),
    sent=st.booleans(),
    swept=st.sampled_from([False, False, False, True]),
)
asked = st.fixed_dictionaries(
    {"limit": st.integers(1, 7), "order": st.sampled_from(["asc", "desc"])},
    optional={"service": st.sampled_from(["s0", "s1"]), "skip": st.integers(0, 9)},
)
statuses = {
    "/costs/": st.sampled_from(["pending", "learning", "normal", "anomaly", "excluded"]),
    "/anomalies/": st.sampled_from(["open", "closed", "withdrawn"]),
    "/alerts/": st.sampled_from(["pending", "no destination", "cancelled", "sent"]),
}


@dataclass
class Walk:
    """A walk over a list, beside everything that is true of it at each page."""

    client: FlaskClient
    services: Services
    path: str
    query: dict[str, Any]
    first_day: int = 1

    def matching(self) -> list[Row]:
        """Return the rows to list, by reading everything and checking each row."""
        status = "state" if self.path == "/alerts/" else "status"
        wanted = {name: value for name, value in self.query.items() if name in {status, "service"}}
        rows = [row for row in listed(self.client, self.path, limit=1000) if wanted.items() <= row.items()]
        return sorted(rows, key=self.place, reverse=self.query["order"] == "desc")

    def place(self, row: Row) -> tuple[str, str]:
        """Return the order of the list."""
        return row[TIMES[self.path]], row["id"]

    def take(self, step: Step) -> None:
        """Apply the changes."""
        if coming := [event.body for event in step.events if event.day >= self.first_day]:
            assert self.client.post("/ingest/batch", json=coming).status_code == 202
        if step.judged:
            for number in range(len(self.services.store.partitions)):
                judge.judge_partition(self.services, number)
        if step.sent:
            delivery.send_due(self.services)
        if step.swept:
            self.first_day = 2  # removed rows do not come back
            retention.remove_old(self.services.store, parse_timestamp("2026-03-02T00:00:00Z"))

    def check(self, between: list[Step]) -> None:
        """Read all pages, with a step after each, and compare with the rows of the store."""
        before = ids(self.matching())
        left_out, always = set(before[: self.query.get("skip", 0)]), set(before)
        found: list[Row] = []
        coming = iter(between)
        for page in pages(self.client, self.path, self.query):
            found += page
            for step in itertools.islice(coming, 1):
                self.take(step)
                always &= set(ids(self.matching()))
        assert len(set(ids(found))) == len(found)
        assert list(map(self.place, found)) == sorted(map(self.place, found), reverse=self.query["order"] == "desc")
        assert always - left_out <= set(ids(found))
        assert not left_out & set(ids(found))


@pytest.mark.parametrize("path", TIMES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_row_is_listed_once_whatever_comes_between_two_pages(
    client: FlaskClient, built: Services, redis_client: Redis, path: str, data: st.DataObject
) -> None:
    redis_client.flushall()
    client.application.extensions.pop("kumo.layout", None)
    query = data.draw(asked)
    if data.draw(st.booleans()):
        query["state" if path == "/alerts/" else "status"] = data.draw(statuses[path])
    clock = itertools.count(built.clock(), 7)  # so that an alert is never committed in the ms in which it was made
    walk = Walk(client, replace(built, clock=lambda: next(clock)), path, query)
    usual = [Event(service, slot, None, 50 + slot) for service in range(5) for slot in range(3)]
    walk.take(Step(usual, judged=True, sent=False))
    for step in data.draw(st.lists(steps, max_size=3)):
        walk.take(step)
    walk.check(data.draw(st.lists(steps, max_size=4)))
    walk.take(Step([], judged=True, sent=False))
    indexes.check(built.store)


def test_series_and_imports_are_listed_in_both_orders(client: FlaskClient) -> None:
    client.post("/ingest/batch", json=[{"service": f"s{number}", "amount": 1} for number in range(30)])
    up = [row["id"] for page in pages(client, "/series/", {"limit": 7}) for row in page]
    down = [row["id"] for page in pages(client, "/series/", {"limit": 7, "order": "desc"}) for row in page]
    assert up == sorted(up) == down[::-1]
    assert len(up) == 30


@pytest.mark.parametrize("path", [*TIMES, "/series/"])
def test_a_cursor_of_another_list_or_a_changed_one_is_refused(
    client: FlaskClient, judged: Callable[[], None], path: str
) -> None:
    for amount in (50, 51, 52, 500):
        rows = [{"service": f"s{number}", "amount": amount, "timestamp": MIDNIGHT} for number in range(3)]
        client.post("/ingest/batch", json=rows)
    judged()
    cursors = {each: client.get(each, query_string={"limit": 1}).headers["Link"] for each in (*TIMES, "/series/")}
    own = cursors.pop(path).partition("cursor=")[2].partition(">")[0]
    assert client.get(path, query_string={"cursor": own}).status_code == 200
    others = [link.partition("cursor=")[2].partition(">")[0] for link in cursors.values()]
    flipped = own[:-1] + ("A" if own[-1] != "A" else "B")
    for wrong in (*others, flipped, own[:-1], own + "A", own.swapcase(), own + "="):
        answer = client.get(path, query_string={"cursor": wrong})
        assert answer.status_code == 422, wrong
        assert answer.get_json()["errors"][0]["field"] == "cursor"
