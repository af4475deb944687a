"""Which episode continues a known anomaly."""

from dataclasses import replace

from kumo.domain.anomalies import Anomaly, AnomalyStatus, name_anomaly_of_periods
from kumo.domain.entries import DAY_MS
from kumo.domain.judging import Cause
from kumo.domain.matching import NO_EPISODE, find_told_day, match_episodes
from kumo.domain.totals.episodes import Episode

SERIES = "a" * 16
ENTRIES = Anomaly(
    id="a",
    series_id=SERIES,
    status=AnomalyStatus.CLOSED,
    opened_by="a",
    opened_at=0,
    first_seen=10 * DAY_MS,
    last_seen=11 * DAY_MS,
    entries=2,
    peak_z=9.0,
    total_impact=1,
    alerted_impact=1,
    cause=Cause.THRESHOLD,
)


def episode(first: int, last: int, *, closed: bool = True) -> Episode:
    return Episode(first=first, last=last, periods=1, impact=1, peak=1, chance=None, closed=closed)


def periods(name: str, first: int, last: int) -> Anomaly:
    start, end = first * DAY_MS, last * DAY_MS
    return replace(
        ENTRIES, id=name, entries=0, periods=1, first_period=first, last_period=last, first_seen=start, last_seen=end
    )


def places(anomaly: Anomaly, *episodes: Episode) -> list[int]:
    return [*match_episodes([anomaly], episodes)]


def test_periods_are_continued_by_the_earliest_episode_that_has_some_of_them() -> None:
    known = periods("a", 5, 9)
    assert places(known, episode(1, 4), episode(9, 9), episode(12, 12)) == [1]
    assert places(known, episode(5, 5), episode(9, 9)) == [0]
    assert places(known, episode(1, 4, closed=False)) == places(known, episode(10, 10)) == [NO_EPISODE]


def test_entries_are_a_part_of_the_episode_of_their_days() -> None:
    assert places(ENTRIES, episode(1, 9), episode(11, 14)) == [1]
    assert places(ENTRIES, episode(1, 9)) == places(ENTRIES, episode(12, 12)) == [NO_EPISODE]


def test_what_is_open_has_no_end_yet() -> None:
    assert places(ENTRIES, episode(1, 9, closed=False)) == [0]
    assert places(replace(ENTRIES, status=AnomalyStatus.OPEN), episode(1, 9), episode(14, 14)) == [1]


def test_the_one_that_began_first_comes_first_unless_it_is_withdrawn() -> None:
    late, early = periods("late", 5, 5), periods("early", 3, 3)
    joined = replace(periods("joined", 1, 1), status=AnomalyStatus.WITHDRAWN, part_of="late")
    found = match_episodes([joined, late, early], [episode(1, 9)])
    assert [anomaly.id for anomaly in found[0]] == ["early", "late", "joined"]


def test_a_withdrawn_one_is_revived_by_an_episode_that_begins_with_its_period() -> None:
    gone = replace(
        periods(name_anomaly_of_periods(SERIES, 5), 5, 5), status=AnomalyStatus.WITHDRAWN, periods=0, told=False
    )
    assert places(gone, episode(4, 6)) == [NO_EPISODE]
    assert places(gone, episode(5, 6)) == [0]
    assert places(replace(ENTRIES, status=AnomalyStatus.WITHDRAWN), episode(10, 10)) == [NO_EPISODE]


def test_the_newest_message_about_some_anomalies_is_on_the_last_of_their_days() -> None:
    told = [replace(ENTRIES, alerted_period=day) for day in (11, None, 9)]
    assert (find_told_day(told), find_told_day(told[1:2])) == (11, None)
