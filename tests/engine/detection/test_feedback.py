"""Feedback is stored and lowers the score of similar entries once; an explanation computes the verdict again."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from redis import Redis

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.feedback import Word, precision
from kumo.domain.judging import Mark
from kumo.domain.policies import Policy
from kumo.engine import ingest
from kumo.engine.detection import feedback, policies
from kumo.engine.queries import explanation, lookup, metrics
from kumo.engine.queries.views import Cost
from kumo.errors import NotFoundError
from kumo.services import Services
from kumo.store import feed
from tests.api.refusals import nothing_stored
from tests.conftest import Build
from tests.engine.detection.arrivals import everything, judge_all

UNIT = 10**6
EC2 = Series("EC2", "USD")
BOTH = pytest.mark.parametrize("detector", ["zscore", "adaptive"])


class Bill:
    """A daily bill of one service, that ends today."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.days = count(services.clock() // DAY_MS - 90)

    def send(self, *amounts: int) -> None:
        entries = [Entry(EC2, amount * UNIT, next(self.days) * DAY_MS) for amount in amounts]
        ingest.ingest(self.services, entries)
        judge_all(self.services)

    def usual(self, days: int) -> None:
        self.send(*(100 + number % 5 for number in range(days)))

    @property
    def newest(self) -> Cost:
        return lookup.list_costs(self.services, everything()).rows[0]

    @property
    def anomalies(self) -> list[str]:
        return [row.anomaly.id for row in lookup.list_anomalies(self.services, everything()).rows]


def score_after(services: Services, *words: Word | None, then: Sequence[Word | None] = ()) -> float:
    """Return the score of a second spike, after feedback on the first one; None takes feedback back.

    `then` is feedback on the second one, followed by a third spike twenty days later.
    """
    services.store.client.flushall()
    bill = Bill(services)
    bill.usual(40)
    bill.send(180)
    [first] = bill.anomalies
    say(services, first, words)
    bill.usual(20)
    say(services, first, then)
    bill.send(180)
    verdict = bill.newest.verdict
    assert verdict is not None
    assert verdict.score is not None
    return verdict.score


def say(services: Services, anomaly: str, words: Sequence[Word | None]) -> None:
    for word in words:
        if word is None:
            feedback.take_back(services, anomaly)
        else:
            feedback.give(services, anomaly, word, "", "finops")
        judge_all(services)


def test_what_was_no_cause_for_alarm_makes_the_next_like_it_calmer(build: Build) -> None:
    services = build(KUMO_DETECTOR="adaptive")
    without = score_after(services)
    assert score_after(services, Word.TRUE_POSITIVE) == without
    for word in (Word.FALSE_POSITIVE, Word.PLANNED):
        assert score_after(services, word) < without
        assert score_after(services, word, word) == score_after(services, word)


def test_what_is_taken_back_was_never_said(build: Build) -> None:
    services = build(KUMO_DETECTOR="adaptive")
    without, planned = score_after(services), score_after(services, Word.PLANNED)
    assert score_after(services, Word.PLANNED, None) == without
    assert score_after(services, Word.PLANNED, then=[None]) == without
    assert score_after(services, Word.TRUE_POSITIVE, None, None) == without
    assert score_after(services, Word.PLANNED, None, Word.PLANNED) == planned


def test_the_last_word_counts_whatever_was_said_before(build: Build) -> None:
    services = build(KUMO_DETECTOR="adaptive")
    without, planned = score_after(services), score_after(services, Word.PLANNED)
    assert score_after(services, Word.PLANNED, Word.TRUE_POSITIVE) == without
    assert score_after(services, Word.PLANNED, then=[Word.TRUE_POSITIVE]) == without
    assert score_after(services, Word.PLANNED, Word.FALSE_POSITIVE) == planned
    assert score_after(services, Word.PLANNED, Word.TRUE_POSITIVE, Word.PLANNED) == planned


def test_what_is_taken_back_is_gone_and_taking_it_back_again_changes_nothing(build: Build, redis_client: Redis) -> None:
    services = build()
    bill = Bill(services)
    bill.usual(20)
    bill.send(500)
    [anomaly] = bill.anomalies
    feedback.give(services, anomaly, Word.PLANNED, "", "")
    judge_all(services)
    assert feedback.take_back(services, anomaly).feedback is None
    assert metrics.count_feedback(services) == {}
    judge_all(services)
    with nothing_stored(redis_client):
        assert feedback.take_back(services, anomaly).feedback is None


def test_of_many_who_take_it_back_at_once_one_is_heard(build: Build) -> None:
    services = build()
    bill = Bill(services)
    bill.usual(20)
    bill.send(500)
    [anomaly] = bill.anomalies
    feedback.give(services, anomaly, Word.PLANNED, "", "")
    judge_all(services)
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda _: feedback.take_back(services, anomaly), range(50)))
    partition = services.store.partition(anomaly[:16])
    assert [record.mark for record in feed.pending(services.store, partition, 100)[1]] == [Mark.TAKEN_BACK]


def test_the_last_word_is_kept_and_counted(build: Build) -> None:
    services = build()
    bill = Bill(services)
    bill.usual(20)
    bill.send(500)
    [anomaly] = bill.anomalies
    assert lookup.find_anomaly(services, anomaly).feedback is None
    feedback.give(services, anomaly, Word.TRUE_POSITIVE, "", "")
    said = feedback.give(services, anomaly, Word.FALSE_POSITIVE, "<b>no</b>", "finops").feedback
    assert said is not None
    assert (said.word, said.comment, said.by) == (Word.FALSE_POSITIVE, "<b>no</b>", "finops")
    assert metrics.count_feedback(services) == {Word.FALSE_POSITIVE: 1}
    [row] = lookup.list_anomalies(services, everything()).rows
    assert row.feedback == said


def test_precision_leaves_out_what_was_planned() -> None:
    assert precision({Word.TRUE_POSITIVE: 3, Word.FALSE_POSITIVE: 1, Word.PLANNED: 7}) == 0.75
    assert precision({Word.PLANNED: 1}) is None


def test_of_an_anomaly_that_is_not_there_nothing_can_be_said(build: Build) -> None:
    with pytest.raises(NotFoundError):
        feedback.give(build(), "aaaaaaaaaaaaaaaa-0000000001", Word.PLANNED, "", "")
    with pytest.raises(NotFoundError):
        feedback.take_back(build(), "aaaaaaaaaaaaaaaa-0000000001")


@pytest.mark.server  # redis.sha1hex
@BOTH
def test_an_explanation_comes_to_the_same_verdict_again(build: Build, detector: str) -> None:
    services = build(KUMO_DETECTOR=detector)
    policies.put(services, Policy("strict", threshold=2.5))
    bill = Bill(services)
    bill.usual(40)
    bill.send(180)
    verdict, [anomaly] = bill.newest.verdict, bill.anomalies
    bill.usual(20)
    policies.remove(services, "strict")
    found = explanation.explain(services, anomaly)
    assert verdict is not None
    again = found.explained.verdict
    # A total is compared with what its detector expects, and its only entry also with the window.
    assert (again.status, again.amount, again.cause) == (verdict.status, verdict.amount, verdict.cause)
    assert again.score == pytest.approx(verdict.score)
    assert found.explained.words[-1].startswith(f"Judged by {detector} with a threshold of 2.5")
    assert "'strict'" in found.explained.words[-1]
    assert (found.explained.parts is not None) == (detector == "adaptive")
