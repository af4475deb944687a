"""Kumo in five minutes: its purpose, on the real stack. Read it as the tutorial."""

from collections.abc import Iterator
from statistics import stdev

import pytest

from tests.stack import Stack, eventually, stack

COST = {"service": "AWS EC2", "amount": 50.5}


@pytest.fixture
def kumo(redis_url: str) -> Iterator[Stack]:
    with stack(redis_url) as running:
        yield running


def test_a_cost_is_recorded_at_once_and_judged_after(kumo: Stack) -> None:
    answer = kumo.post(COST)
    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["is_anomaly"]) == ("pending", None)
    eventually(lambda: kumo.get(answer.headers["Location"]).json()["status"] != "pending")
    judged = kumo.get(answer.headers["Location"]).json()
    assert (judged["status"], judged["is_anomaly"]) == ("learning", False)


def test_who_prefers_to_wait_gets_the_verdict(kumo: Stack) -> None:
    answer = kumo.post(COST, Prefer="wait=5")
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "wait=5"
    assert answer.json()["is_anomaly"] is False


def test_a_jump_is_told_once(kumo: Stack) -> None:
    for number in range(20):
        kumo.post(COST | {"amount": 50 + number % 3})
    spike = kumo.post(COST | {"amount": 500}, Prefer="wait=5").json()
    assert spike["is_anomaly"] is True
    assert spike["z"] == pytest.approx((500 - 50.95) / stdev(50 + number % 3 for number in range(20)))
    assert spike["score"] > spike["threshold"]
    assert kumo.slack.wait_for(1)
    assert "AWS EC2" in kumo.slack.messages[0].text
    assert f"/dashboard/?anomaly={spike['anomaly']}" in str(kumo.slack.messages[0].payload)
    kumo.post(COST | {"amount": 510}, Prefer="wait=5")
    (alert,) = eventually(lambda: [row for row in kumo.get("/alerts/").json() if row["state"] == "sent"])
    assert alert["anomaly"] == spike["anomaly"]
    assert len(kumo.slack.messages) == 1


def test_a_corrected_cost_withdraws_its_alert(kumo: Stack) -> None:
    for number in range(20):
        kumo.post(COST | {"amount": 50 + number % 3})
    bill = COST | {"external_id": "2026-11 EC2"}
    spike = kumo.post(bill | {"amount": 500}, Prefer="wait=5").json()
    assert kumo.slack.wait_for(1)
    eventually(lambda: kumo.get("/alerts/").json()[0]["state"] == "sent")
    corrected = kumo.post(bill | {"amount": 51}, Prefer="wait=5").json()
    assert (corrected["id"], corrected["is_anomaly"]) == (spike["id"], False)
    assert kumo.get(f"/anomalies/{spike['anomaly']}").json()["status"] == "withdrawn"
    assert kumo.slack.wait_for(2)
    assert "withdrawn" in kumo.slack.messages[1].text.lower()


def test_a_batch_is_one_request(kumo: Stack) -> None:
    rows = [COST | {"service": f"service {number % 7}", "amount": str(number)} for number in range(1000)]
    answer = kumo.post(rows, "/ingest/batch")
    assert answer.status_code == 202
    assert answer.json()["accepted"] == len(answer.json()["ids"]) == 1000
    total = sum(row["amount"] for row in kumo.get("/costs/summary", by="service").json())
    assert total == sum(range(1000))


def test_a_request_sent_again_under_its_key_counts_once(kumo: Stack) -> None:
    first = kumo.post(COST, **{"Idempotency-Key": "k"})
    again = kumo.post(COST, **{"Idempotency-Key": "k"})
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert len(kumo.get("/costs/").json()) == 1


def test_a_test_message_takes_the_real_path(kumo: Stack) -> None:
    alert = kumo.post(None, "/alerts/test")
    assert alert.status_code == 202
    assert kumo.slack.wait_for(1)
    assert eventually(lambda: kumo.get(alert.headers["Location"]).json()["state"] == "sent")
