"""The content of a Slack message, and that data cannot add anything to it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumo.domain.alerts import Alert, AlertKind, Delivery
from kumo.domain.entries import Series
from kumo.domain.judging import Cause
from kumo.notify.slack.message import compose, compose_short
from tests.fakes.slack_rules import find_fault
from tests.notify.sending import ALERT, SPEND, TOTAL, change, storm

URL = "https://kumo.example"
HOSTILE = '<!channel> & "quotes" *bold* _it_ `code` ~no~ <@U1> <https://evil.example|click>\n> quote'
TEST = Alert(id="t1", kind=AlertKind.TEST, created_at=1_714_564_800_000)


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Yield every text object of a payload, however deep."""
    if isinstance(value, dict):
        if value.get("type") in {"plain_text", "mrkdwn"}:
            yield value
        for part in value.values():
            yield from objects(part)
    if isinstance(value, list):
        for part in value:
            yield from objects(part)


def texts(payload: dict[str, object]) -> list[str]:
    return [str(payload["text"]), *(text["text"] for text in objects(payload.get("blocks", [])))]


def shown(payload: dict[str, object]) -> str:
    return "\n".join(texts(payload)[1:])


def test_one_alert_says_what_where_how_much_and_how_sure() -> None:
    message = shown(compose([ALERT], URL))
    for part in (
        "Cost jumped · AmazonEC2",
        "Account\n123456789012",
        "Provider\naws",
        "Region\nus-east-1",
        "*12,345.67 USD* where 345.67 USD was expected: 12,000.00 USD above (+3,472%)",
        "z 120.0 · 100 earlier entries · 2024-05-01 12:00 UTC",
        f"<{URL}/dashboard/?anomaly=s-1|Open in Kumo>",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (Cause.THRESHOLD, "score 4.2 · 100 earlier entries"),
        (Cause.DRIFT, "score 4.2 · many costs a little above the usual · 100 earlier entries"),
        (Cause.NEW_HIGH, "score 4.2 · a new high · 100 earlier entries"),
        (Cause.FIRST_COST, "score 4.2 · the first cost · 100 earlier entries"),
        (Cause.FIRST_SPEND, "first spend · 100 earlier entries"),
    ],
)
def test_the_evidence_names_the_cause(cause: Cause, told: str) -> None:
    assert any(text.startswith(told) for text in texts(compose([change(cause=cause, score=4.2)], URL)))


def test_the_fallback_text_says_it_in_one_line() -> None:
    assert compose([ALERT], URL)["text"] == (
        "Cost jumped · AmazonEC2 · 123456789012 · aws · us-east-1 · 12,345.67 USD where 345.67 USD"
        f" was expected: 12,000.00 USD above (+3,472%) · {URL}/dashboard/?anomaly=s-1"
    )


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (AlertKind.OPENED, "Cost jumped"),
        (AlertKind.WORSENED, "Getting worse"),
        (AlertKind.WITHDRAWN, "Withdrawn: the cost was corrected"),
    ],
)
def test_the_kind_is_the_title(kind: AlertKind, title: str) -> None:
    alert = replace(ALERT, kind=kind)
    assert all(title in text for text in texts(compose([alert], URL))[:2])
    assert title in shown(compose([alert, ALERT], URL))


def test_a_test_message_has_no_figures_and_no_link() -> None:
    message = "\n".join(texts(compose([TEST], URL)))
    assert "Test message from Kumo" in message
    assert "2024-05-01 12:00 UTC" in message
    assert not re.search(r"expected|z |costs/", message)


def test_places_that_are_not_known_are_left_out() -> None:
    message = shown(compose([change(account="", region="")], URL))
    assert "Account" not in message
    assert "Region" not in message


def test_a_withdrawn_alert_has_the_corrected_cost() -> None:
    alert = replace(change(amount=300_000_000, impact=-45_670_000), kind=AlertKind.WITHDRAWN)
    assert "300.00 USD* after correction, where 345.67 USD was expected" in shown(compose([alert], URL))


def test_no_percentage_of_nothing() -> None:
    message = shown(compose([change(mean=0.0)], URL))
    assert "0.00 USD was expected: 12,000.00 USD above" in message
    assert "%" not in message


def test_an_amount_below_a_cent_keeps_its_decimals() -> None:
    alert = change(amount=1_860, mean=0.0, impact=1_860)
    assert "*0.00186 USD* where 0.00 USD" in shown(compose([alert], URL))


def test_a_repeat_is_marked_everywhere() -> None:
    again = replace(ALERT, delivery=Delivery(repeat=True))
    assert "possible repeat" not in "\n".join(texts(compose([ALERT], URL)))
    for payload in (compose([again], URL), compose([ALERT, again], URL)):
        assert "possible repeat" in str(payload["text"])
        assert shown(payload).count("possible repeat") == 1


def test_the_largest_ten_of_a_storm_are_shown_and_the_rest_counted_by_currency() -> None:
    euros = [replace(change(alert.spend, currency="EUR"), id=f"b{alert.id}") for alert in storm(3) if alert.spend]
    payload = compose([*storm(500), *euros], URL)
    message = shown(payload)
    assert message.startswith("503 cost alerts")
    assert re.findall(r"anomaly=(e\d+)\|", message) == [f"e{i}" for i in range(499, 489, -1)]
    dollars = sum(range(490))
    rest = f"and 493 more, 3.00 EUR, {dollars:,}.00 USD above expected in all"
    assert message.endswith(rest)
    assert str(payload["text"]).endswith(rest)
    assert find_fault(json.dumps(payload).encode()) == ""


def test_corrected_costs_are_not_added_up() -> None:
    gone = [replace(alert, kind=AlertKind.WITHDRAWN) for alert in storm(12)]
    assert shown(compose(gone, URL)).endswith("and 2 more")


def test_many_currencies_are_cut_short() -> None:
    alerts = [replace(change(impact=100 - i, currency=f"{chr(65 + i)}XX"), id=str(i)) for i in range(25)]
    assert shown(compose(alerts, URL)).endswith("more in 5 other currencies above expected in all")


def test_the_plain_payload_is_the_same_text_without_blocks() -> None:
    for alerts in ([ALERT], storm(500), [TEST]):
        whole, short = compose(alerts, URL), compose_short(alerts, URL)
        assert whole == {**short, "blocks": whole["blocks"]}


def test_nothing_is_unfurled_and_no_names_are_linked() -> None:
    payload = compose([ALERT], URL)
    assert payload["unfurl_links"] is False
    assert payload["mrkdwn"] is False
    assert "link_names" not in payload


def test_hostile_names_are_shown_as_they_are_and_ping_no_one() -> None:
    named = 'Service\n&lt;!channel&gt; &amp; "quotes" *bold* _it_ `code` ~no~ &lt;@U1&gt; &lt;https'
    assert named in shown(compose([change(service=HOSTILE)], URL))
    alert = change(service=HOSTILE, account=HOSTILE, provider=HOSTILE, region=HOSTILE)
    for payload in (compose([alert], URL), compose([alert, ALERT], URL)):
        for text in texts(payload):
            assert not re.search(r"<[!@#]|evil\.example\|click>", text)
        for part in objects(payload["blocks"]):
            assert part["type"] == "plain_text" or "bold" not in part["text"]
            assert part.get("verbatim") is True or part.get("emoji") is False


def test_a_name_of_nothing_visible_still_makes_a_message() -> None:
    payload = compose([change(service="\u202e\n\x00 ")], URL)
    assert "(no name)" in shown(payload)
    assert find_fault(json.dumps(payload).encode()) == ""


def test_an_entity_is_never_cut_in_half() -> None:
    for length in range(190, 210):
        payload = compose([change(service="x" * length + "&" * 60)], URL)
        assert not re.search(r"&(?!(amp|lt|gt);)", "\n".join(texts(payload)))


any_text = st.text(max_size=300) | st.text("<>&*_`~|!@#\n😀", max_size=400) | st.just("😀" * 300)
hostile_spends = st.builds(
    replace,
    st.just(SPEND),
    anomaly=any_text,
    entry=any_text,
    series=st.builds(Series, any_text, any_text, any_text, any_text, any_text),
    amount=st.integers(-(10**18), 10**18),
    impact=st.integers(-(10**18), 10**18),
    mean=st.floats(-1e12, 1e12),
    total=st.none()
    | st.builds(
        replace,
        st.just(TOTAL),
        scope=st.dictionaries(st.sampled_from(["account", "service", "tag:team"]) | any_text, any_text, max_size=2),
        group=st.sampled_from(["", "5woeftbt6mygcc7u"]),
        usual=st.none() | st.integers(-(10**18), 10**18),
        falls=st.lists(st.tuples(any_text, st.integers(0, 10**18)), max_size=12).map(tuple),
    ),
)
hostile_alerts = st.builds(
    replace,
    st.just(ALERT),
    id=any_text,
    kind=st.sampled_from([AlertKind.OPENED, AlertKind.WORSENED, AlertKind.WITHDRAWN]),
    content=hostile_spends,
    delivery=st.builds(Delivery, repeat=st.booleans()),
)


@settings(max_examples=60)
@given(
    st.lists(hostile_alerts, min_size=1, max_size=3),
    st.sampled_from([URL, "x" * 600, "a>|b"]),
    st.sampled_from([1, 5]),
)
def test_whatever_the_data_a_message_fits_and_holds_no_markup_of_theirs(few: list[Alert], url: str, times: int) -> None:
    alerts = few * times
    for payload in (compose(alerts, url), compose_short(alerts, url)):
        assert find_fault(json.dumps(payload).encode()) == ""
        assert len(str(payload["text"])) < 4000
        for text in texts(payload):
            without_links = re.sub(r"<(https|a&gt;)[^<>|]*\|[A-Za-z :]+>", "", text)
            assert not re.search(r"[<>]|&(?!(amp|lt|gt);)", without_links)
        for part in objects(payload.get("blocks", [])):
            if part["type"] == "mrkdwn":
                assert not set("_`~") & set(re.sub(r"<[^>]*>", "", part["text"]))
                assert part["text"].count("*") in {0, 2}
