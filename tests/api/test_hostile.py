"""A thousand hostile texts are stored and returned unchanged, and reach Slack only as text.

As names, only visible texts are sent, and only the first spelling of each name.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from kumo.domain.alerts import Alert, AlertKind
from kumo.domain.names import compare_name, is_visible
from kumo.notify.slack.message import compose
from tests.api.bills import Row, ids, listed
from tests.api.episodes import jump
from tests.api.hostile import COUNT, texts
from tests.fakes.slack_rules import find_fault
from tests.notify.sending import change

TEXTS = texts()
_FIRST = {compare_name(text): text for text in reversed(TEXTS) if is_visible(text) and is_visible(text[::-1])}
NAMES = list({compare_name(text[::-1]): text for text in _FIRST.values()}.values())
PUBLIC = "https://kumo.example"
# Allowed markup in a message: our own links with our own words.
LINK = re.compile(r"<https://kumo\.example/[\w/?=&;%.~-]*\|[\w ,:.·-]+>")
ENTITY = re.compile(r"&(?!(amp|lt|gt|quot|#x27|#39);)")


def entry(text: str) -> Row:
    fields = {"service": text, "provider": text[::-1], "account": text, "region": text[:20]}
    return fields | {"amount": 1, "tags": {text: text[::-1]}, "external_id": text}


@pytest.fixture
def sent(client: FlaskClient) -> dict[str, str]:
    """The id of the cost of each name."""
    rows = [entry(text) for text in NAMES]
    found = client.post("/ingest/batch", json=rows).get_json()["ids"]
    return dict(zip(NAMES, found, strict=True))


def test_there_are_a_thousand() -> None:
    assert len(set(TEXTS)) == COUNT
    assert all(1 <= len(text) <= 200 for text in TEXTS)
    assert len(NAMES) > COUNT // 2


def test_tags_and_external_ids_come_back_unchanged(client: FlaskClient) -> None:
    rows = [{"service": "x", "amount": 1, "tags": {text: text[::-1]}, "external_id": text} for text in TEXTS]
    found = client.post("/ingest/batch", json=rows).get_json()["ids"]
    costs = {cost["id"]: cost for cost in listed(client, "/costs/", limit=1000)}
    assert [(costs[cost_id]["tags"], costs[cost_id]["external_id"]) for cost_id in found] == [
        (row["tags"], row["external_id"]) for row in rows
    ]


def test_those_that_show_nothing_are_refused_as_a_service(client: FlaskClient) -> None:
    unseen = [text for text in TEXTS if not is_visible(text)]
    assert len(unseen) > 100
    for start in range(0, len(unseen), 50):
        rows = [entry(text) for text in unseen[start : start + 50]]
        answer = client.post("/ingest/batch", json=[*rows, {"service": "x", "amount": 1}])
        assert answer.status_code == 422
        assert [error["index"] for error in answer.get_json()["errors"]] == [*range(len(rows))]


def test_each_comes_back_unchanged(client: FlaskClient, sent: dict[str, str]) -> None:
    costs = {cost["id"]: cost for cost in listed(client, "/costs/", limit=1000)}
    assert len(costs) == len(NAMES)
    for text, cost_id in sent.items():
        expected = entry(text)
        assert {name: costs[cost_id][name] for name in expected} == expected
    series = {row["id"]: row for row in listed(client, "/series/", limit=1000)}
    assert {row["service"] for row in series.values()} == set(NAMES)
    totals = listed(client, "/costs/summary", by="account")
    assert {row["key"] for row in totals} == set(NAMES)


@pytest.mark.parametrize("name", ["service", "provider"])
def test_each_is_found_by_itself_alone(client: FlaskClient, sent: dict[str, str], name: str) -> None:
    for text, cost_id in sent.items():
        assert ids(listed(client, "/costs/", **{name: str(entry(text)[name])})) == [cost_id], ascii(text)


def test_each_names_the_same_entry_again(client: FlaskClient, sent: dict[str, str]) -> None:
    for text in NAMES[::10]:
        answer = client.post("/ingest/", json=entry(text) | {"amount": 2}).get_json()
        assert answer["id"] == sent[text]
    raw = "\n".join(json.dumps(entry(text), ensure_ascii=False) for text in NAMES)
    told = client.post("/ingest/batch", data=raw.encode(), content_type="application/x-ndjson").get_json()
    assert (told["restated"], told["duplicates"], told["ids"]) == (
        *(len(NAMES[::10]), len(NAMES) - len(NAMES[::10])),
        list(sent.values()),
    )


def test_none_of_them_is_a_field(client: FlaskClient) -> None:
    for text in TEXTS:
        answer = client.post("/ingest/", json={"service": "x", "amount": 1, text: 1})
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["field"] == text


def test_none_of_them_breaks_a_question(client: FlaskClient) -> None:
    for text in TEXTS:
        for path in ("/costs/", "/costs/summary", "/alerts/"):
            assert client.get(path, query_string={"currency": text, "cursor": text}).status_code == 422
        assert client.get("/costs/", query_string={text: "1"}).status_code == 422


def spoken(payload: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON can be anything
    """Yield each text of a payload with its kind; the fallback text is plain."""
    if isinstance(payload, dict):
        if isinstance(payload.get("text"), str):
            yield str(payload.get("type", "plain_text")), payload["text"]
        for value in payload.values():
            yield from spoken(value)
    elif isinstance(payload, list):
        for value in payload:
            yield from spoken(value)


def assert_harmless(alerts: list[Alert]) -> None:
    payload = compose(alerts, PUBLIC)
    assert find_fault(json.dumps(payload).encode()) == ""
    assert payload["mrkdwn"] is False
    for kind, text in spoken(payload):
        left = LINK.sub("", text) if kind == "mrkdwn" else text
        assert "<" not in left, ascii(text)
        assert ">" not in left, ascii(text)
        assert not ENTITY.search(left), ascii(text)


def alert(text: str, kind: AlertKind = AlertKind.OPENED) -> Alert:
    return replace(change(service=text, account=text, provider=text[::-1], region=text), kind=kind)


@pytest.mark.parametrize("kind", [AlertKind.OPENED, AlertKind.WORSENED, AlertKind.WITHDRAWN])
def test_each_reaches_slack_as_text(kind: AlertKind) -> None:
    for text in TEXTS:
        assert_harmless([alert(text, kind)])


def test_so_do_many_in_one_message() -> None:
    for start in range(0, COUNT, 25):
        assert_harmless([alert(text) for text in TEXTS[start : start + 25]])


def test_a_name_that_would_call_everybody_goes_all_the_way(client: FlaskClient, judged: Callable[[], None]) -> None:
    name = '<!channel> & "quotes"'
    spike = jump(client, judged, 1, service=name)
    [shown] = listed(client, "/alerts/", service=name)
    assert (spike["service"], shown["service"]) == (name, name)
    assert_harmless([alert(shown["service"])])
    assert "&lt;!channel&gt;" in json.dumps(compose([alert(name)], PUBLIC))
