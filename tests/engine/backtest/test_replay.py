"""A replay judges as the live line does: the same rows through record and judge, and through a CSV."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.alerts import Alert
from kumo.domain.anomalies import Anomaly
from kumo.domain.detectors import DETECTORS
from kumo.domain.entries import entry_id
from kumo.domain.judging import Verdict
from kumo.domain.money import exact
from kumo.domain.replay import HistoryEntry, Replay, Replayed
from kumo.engine.backtest import history, replay
from kumo.engine.backtest.history import History
from kumo.engine.queries import lookup
from kumo.services import Services
from kumo.settings import Settings
from tests.conftest import Build
from tests.engine.detection.arrivals import SERIES, START, Arrival, everything, histories, judge_all, send
from tests.quality import series
from tests.quality.replay import alerts

# All entries in one partition, so that the numbers of arrivals are those of the rows.
SMALL = {"KUMO_WINDOW": "12", "KUMO_MIN_HISTORY": "5", "KUMO_PARTITIONS": "1"}
on_one_server = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
detectors = pytest.mark.parametrize("detector", ["zscore", "adaptive"])
late_and_early = histories.map(lambda found: [replace(arrival, name=None) for arrival in found])

# The results for each entry: its verdict; the alerts by id; the anomalies.
Found = tuple[dict[str, Verdict], set[tuple[str, str]], list[Anomaly]]


def live(services: Services) -> Found:
    verdicts = {cost.id: cost.verdict for cost in lookup.list_costs(services, everything()).rows if cost.verdict}
    raised: Iterable[Alert] = lookup.list_alerts(services, everything()).rows
    told = {(alert.id, str(alert.kind)) for alert in raised}
    anomalies = [row.anomaly for row in lookup.list_anomalies(services, everything()).rows]
    return verdicts, told, sorted(anomalies, key=lambda anomaly: anomaly.id)


def replayed(past: History, chosen: Settings) -> Found:
    verdicts: dict[str, Verdict] = {}
    told: set[tuple[str, str]] = set()
    anomalies: dict[str, Anomaly] = {}

    def take(entry: HistoryEntry, outcome: Replayed) -> None:
        changed = outcome.step.changed
        tied = changed.id if changed and outcome.verdict.status == "anomaly" else None
        verdicts[entry_id(entry.series_id, entry.seq)] = replace(outcome.verdict, anomaly=tied)
        if changed:
            anomalies[changed.id] = changed
            if outcome.alerted:
                told.add((f"{changed.id}-{changed.alerts}", str(outcome.step.alert)))

    report = replay.replay_history(past, [chosen], take)
    assert (report.trials[0].alerts, report.trials[0].anomalies) == (len(told), len(anomalies))
    return verdicts, told, sorted(anomalies.values(), key=lambda anomaly: anomaly.id)


def as_csv(arrivals: list[Arrival]) -> io.BufferedReader:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["series_id", "timestamp", "value"])
    for entry in (arrival.entry() for arrival in arrivals):
        writer.writerow([entry.series.id, history._rfc3339(entry.timestamp), exact(entry.amount)])
    return io.BufferedReader(io.BytesIO(text.getvalue().encode()))


@detectors
@on_one_server
@given(arrivals=late_and_early)
def test_a_csv_is_judged_as_it_would_have_been_live(build: Build, detector: str, arrivals: list[Arrival]) -> None:
    services = build(**SMALL, KUMO_DETECTOR=detector)
    services.store.client.flushall()
    send(services, arrivals)
    judge_all(services)
    found = live(services)
    assert len(found[0]) == len(arrivals)
    assert replayed(history.read_csv(as_csv(arrivals), "arrivals.csv"), services.settings) == found


@detectors
@on_one_server
@given(arrivals=late_and_early, step=st.integers(1, 40))
def test_what_is_stored_is_judged_as_it_was(build: Build, detector: str, arrivals: list[Arrival], step: int) -> None:
    services = build(**SMALL, KUMO_DETECTOR=detector)
    services.store.client.flushall()
    send(services, arrivals)
    judge_all(services)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "STEP", step)
        assert replayed(history.read_stored(services.store), services.settings) == live(services)


def test_stored_entries_come_in_order_of_arrival_at_todays_amounts(build: Build) -> None:
    services = build(**SMALL)
    late = [Arrival(0, 10**6, 9, None), Arrival(0, 2 * 10**6, 0, 0), Arrival(0, 3_500_000, 0, 0)]
    send(services, late)
    rows = list(history.read_stored(services.store).entries)
    assert [row.seq for row in rows] == [1, 2]
    assert [row.written for row in rows] == [("2025-06-15T15:06:40.009Z", "1"), ("2025-06-15T15:06:40Z", "3.5")]
    assert {row.series_id for row in rows} == {SERIES[0].id}
    assert rows[1].timestamp == START


@detectors
def test_it_tells_what_the_measuring_of_quality_tells(detector: str) -> None:
    policy = DETECTORS[detector](3.0, 10)
    for one in series.load("build_1")[:8]:
        replay = Replay(policy, 100)
        rows = [HistoryEntry(row, one.name, *figures, ("", "")) for row, figures in enumerate(one.rows)]
        assert [row.seq for row in rows if replay.judge(row).alerted] == alerts(one, policy)


def test_several_policies_see_the_same_rows_and_do_not_touch_each_other() -> None:
    arrivals = [
        Arrival(0, amount * 10**6, place, None) for place, amount in enumerate([50, 51, 49, 50, 52] * 8 + [900])
    ]
    zscore, adaptive = Settings(detector="zscore"), Settings(detector="adaptive")
    both = replay.replay_history(history.read_csv(as_csv(arrivals), "x"), [zscore, adaptive]).trials
    alone = [
        replay.replay_history(history.read_csv(as_csv(arrivals), "x"), [one]).trials[0] for one in (zscore, adaptive)
    ]
    assert [(trial.alerts, trial.anomalies) for trial in both] == [(one.alerts, one.anomalies) for one in alone]
    assert both[0].alerts == 1


def test_months_are_counted_in_whole_days_of_each_series() -> None:
    spans = replay.Spans()
    for series_id, day in (("daily", 0), ("daily", 364), ("daily", 100), ("late", 30), ("late", 20), ("single", 7)):
        spans.see(series_id, day * 86_400_000 + 5)
    assert spans.months == pytest.approx((365 + 11 + 1) / 30.436875)
