"""Series that the totals of their groups lack."""

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.domain.groups import ALL, Group
from kumo.engine import ingest
from kumo.services import Services
from kumo.store import groups, keys, sharing
from tests.groups import strip_groups

DAY = 20_240
WHOLE = Group(ALL, (), "USD").id


@pytest.mark.settings(KUMO_PARTITIONS="4")
def test_series_that_groups_lack_are_added_once_in_steps(services: Services) -> None:
    services.check_layout()
    for number in range(10):
        ingest.ingest(services, [Entry(Series(f"s{number}", "USD"), number, DAY * DAY_MS)])
    strip_groups(services.store)
    steps = 0
    while not sharing.share(services.store, 3, DAY):
        steps += 1
    assert steps >= 3
    services.store.client.hdel(keys.LAYOUT, keys.SHARED)
    assert sharing.share(services.store, 100, DAY)
    rows = [row for _, rows in groups.daily(services.store, [WHOLE], DAY, DAY) for row in rows]
    assert (sum(count for _, count, _ in rows), sum(micros for *_, micros in rows)) == (10, 45)
    assert groups.count_members(services.store, [WHOLE]) == {WHOLE: 10}
