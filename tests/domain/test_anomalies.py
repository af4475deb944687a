"""The life of an anomaly as a table of sentences."""

from dataclasses import replace

from kumo.domain import moments
from kumo.domain.alerts import AlertKind
from kumo.domain.anomalies import Anomaly, AnomalyStatus, Earlier, Step, step
from kumo.domain.judging import Arrival, Status, Verdict

SERIES = "a" * 16
NORMAL = Verdict(
    status=Status.NORMAL, amount=0, n=20, mean=50.0, stddev=1.0, z=0.5, score=0.5, threshold=3.0, detector="zscore"
)


def flagged(units: int) -> Verdict:
    return replace(NORMAL, status=Status.ANOMALY, amount=units * 10**6, z=float(units - 50), score=float(units - 50))


def arrival(seq: int, entry_seq: int | None = None) -> Arrival:
    return Arrival(
        seq=seq, series_id=SERIES, entry_seq=entry_seq or seq, timestamp=1000 * seq, amount=0, baseline=moments.EMPTY
    )


def opened(units: int = 500) -> Step:
    return step(None, arrival(1), flagged(units))


def open_anomaly(units: int = 500) -> Anomaly:
    anomaly = opened(units).current
    assert anomaly is not None
    return anomaly


def test_a_flagged_entry_opens_an_anomaly_and_alerts() -> None:
    found = opened()
    assert found.alert is AlertKind.OPENED
    assert found.current is not None
    assert found.verdict.anomaly == found.current.id == found.current.opened_by
    assert (found.current.entries, found.current.total_impact) == (1, 450_000_000)


def test_a_further_one_extends_it_in_silence() -> None:
    found = step(open_anomaly(), arrival(2), flagged(600))
    assert found.alert is None
    assert found.current is not None
    assert (found.current.entries, found.current.peak_z, found.current.total_impact) == (2, 550.0, 1_000_000_000)
    assert found.current.last_seen == 2000


def test_it_alerts_again_where_the_impact_has_doubled() -> None:
    found = step(open_anomaly(), arrival(2), flagged(950))
    assert found.alert is AlertKind.WORSENED
    assert found.current is not None
    assert found.current.alerts == 2
    assert step(found.current, arrival(3), flagged(1800)).alert is None
    assert step(found.current, arrival(3), flagged(1850)).alert is AlertKind.WORSENED


def test_one_calm_entry_leaves_it_open_and_two_close_it() -> None:
    once = step(open_anomaly(), arrival(2), NORMAL)
    assert once.current is not None
    twice = step(once.current, arrival(3), NORMAL)
    assert twice.current is None
    assert twice.changed is not None
    assert twice.changed.status is AnomalyStatus.CLOSED
    assert twice.alert is None


def test_a_flagged_entry_in_between_starts_the_calm_afresh() -> None:
    current: Anomaly | None = open_anomaly()
    for seq, verdict in enumerate([NORMAL, flagged(600), NORMAL], start=2):
        current = step(current, arrival(seq), verdict).current
    assert current is not None
    assert current.calm == 1


def test_calm_entries_change_nothing_where_nothing_is_open() -> None:
    assert step(None, arrival(1), NORMAL) == Step(NORMAL, None)


def test_restating_the_only_flagged_entry_withdraws_it() -> None:
    found = step(open_anomaly(), arrival(2, 1), NORMAL, Earlier(opened().verdict, open_anomaly()))
    assert (found.current, found.alert) == (None, AlertKind.WITHDRAWN)
    assert found.changed is not None
    assert (found.changed.status, found.changed.entries, found.changed.total_impact) == (AnomalyStatus.WITHDRAWN, 0, 0)


def test_restating_one_of_two_leaves_the_other() -> None:
    first = opened()
    second = step(first.current, arrival(2), flagged(600))
    assert second.current is not None
    found = step(second.current, arrival(3, 1), NORMAL, Earlier(first.verdict, second.current))
    assert found.alert is None
    assert found.current is not None
    assert (found.current.entries, found.current.total_impact) == (1, 550_000_000)


def test_restating_to_another_high_amount_updates_without_a_repeat() -> None:
    found = step(open_anomaly(), arrival(2, 1), flagged(520), Earlier(opened().verdict, open_anomaly()))
    assert found.alert is None
    assert found.current is not None
    assert (found.current.entries, found.current.total_impact) == (1, 470_000_000)


def test_an_entry_of_a_closed_anomaly_withdraws_that_one_and_leaves_the_open_one() -> None:
    closed = replace(open_anomaly(), status=AnomalyStatus.CLOSED)
    current = replace(open_anomaly(), id="other")
    found = step(current, arrival(9, 1), NORMAL, Earlier(opened().verdict, closed))
    assert found.current is current
    assert found.changed is not None
    assert found.changed.status is AnomalyStatus.WITHDRAWN


def test_a_calm_entry_restated_high_opens_under_the_number_of_its_arrival() -> None:
    found = step(None, arrival(7, 2), flagged(500))
    assert found.current is not None
    assert found.current.id.endswith("-0000000007")
    assert found.current.opened_by.endswith("-0000000002")


def test_restating_a_calm_entry_is_not_counted_as_calm() -> None:
    current = open_anomaly()
    assert step(current, arrival(7, 2), NORMAL) == Step(NORMAL, current)
