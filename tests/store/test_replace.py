"""The scripts that replace scopes: who may, what they leave, and that removed entries leave no trace."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kumo.domain.entries import Entry, Series
from kumo.domain.judging import Mark
from kumo.store import client, entries, feed, scopes
from kumo.store import series as store_series
from kumo.store.client import Store
from kumo.store.scopes import Held, Overtaken, Place, PlannedEntry

SERIES = Series("AWS EC2", "USD", "aws", "42", "eu-west-1")
SCOPE = "0123456789abcdef0123"
DAY = 86_400_000
WINDOW = 5


@pytest.fixture
def store(redis_url: str) -> Store:
    return client.build(client.connect(redis_url), partitions=4, window=WINDOW)


def wanted(day: int, amount: int | None, series: Series = SERIES) -> PlannedEntry:
    start = day * DAY
    entry = Entry(series, amount or 0, start, external_id=scopes.external_id(SCOPE, start), billed=7)
    return PlannedEntry(SCOPE, Place(series.id, start), entry if amount is not None else None)


def replace(store: Store, *rows: PlannedEntry, number: int = 1, quiet_before: int = 0) -> tuple[int, bool]:
    return scopes.replace(store, store.partition(SERIES.id), number, rows, quiet_before)


def dump(store: Store) -> dict[bytes, bytes]:
    return {key: store.client.dump(key) for key in store.client.scan_iter()}


def test_claim_scopes_gives_way_to_the_higher_number(store: Store) -> None:
    scopes.claim(store, 5, [SCOPE, "other"], 0)
    scopes.claim(store, 5, [SCOPE], 0)
    before = dump(store)
    with pytest.raises(Overtaken) as caught:
        scopes.claim(store, 4, ["fresh", SCOPE], 0)
    assert caught.value.number == 5
    assert dump(store) == before
    scopes.claim(store, 6, [SCOPE], 0)
    assert (scopes.holders(store, SCOPE), scopes.holders(store, "other")) == ({6}, {5})


def test_replace_without_the_claim_writes_nothing(store: Store) -> None:
    scopes.claim(store, 2, [SCOPE], 0)
    before = dump(store)
    for number in (1, 3):
        with pytest.raises(Overtaken) as caught:
            replace(store, wanted(0, 5), number=number)
        assert caught.value.number == 2
    assert dump(store) == before


def test_replace_records_restates_and_removes_and_repeating_it_changes_nothing(store: Store) -> None:
    scopes.claim(store, 1, [SCOPE], 0)
    assert replace(store, wanted(0, 5), wanted(1, 6)) == (2, True)
    assert replace(store, wanted(0, 5), wanted(1, 9)) == (3, False)
    assert replace(store, wanted(0, None), wanted(1, 9)) == (4, False)
    before = dump(store)
    assert replace(store, wanted(0, None), wanted(1, 9)) == (4, False)
    assert dump(store) == before
    assert scopes.read_held(store, [SCOPE]) == {SCOPE: {Place(SERIES.id, DAY): Held(2, 1, 1)}}
    _, records = feed.pending(store, store.partition(SERIES.id), 10)
    assert [(row.entry_seq, row.amount, row.mark) for row in records] == [
        (1, 5, ""),
        (2, 6, ""),
        (2, 9, ""),
        (1, 5, "r"),
    ]


def test_replace_remembers_who_wrote_and_who_changed(store: Store) -> None:
    scopes.claim(store, 1, [SCOPE], 0)
    replace(store, wanted(0, 5), wanted(1, 6))
    scopes.claim(store, 2, [SCOPE], 0)
    replace(store, wanted(0, 5), wanted(1, 7), number=2)
    assert scopes.read_held(store, [SCOPE])[SCOPE] == {
        Place(SERIES.id, 0): Held(1, 2, 1),
        Place(SERIES.id, DAY): Held(2, 2, 2),
    }


def test_replace_changes_the_notes_of_an_entry_by_an_arrival_that_says_so(store: Store) -> None:
    """Cached answers must become invalid, and nothing is judged again."""
    scopes.claim(store, 1, [SCOPE], 0)
    replace(store, wanted(0, 5))
    noted = Entry(SERIES, 5, 0, external_id=scopes.external_id(SCOPE, 0), billed=8, contributors=(("i-1", 5),))
    assert replace(store, PlannedEntry(SCOPE, Place(SERIES.id, 0), noted)) == (2, False)
    assert replace(store, PlannedEntry(SCOPE, Place(SERIES.id, 0), noted)) == (2, False)
    marks = [row.mark for row in feed.pending(store, store.partition(SERIES.id), 10)[1]]
    assert marks == [Mark.NONE, Mark.REMARK]
    (details,) = entries.read_details(store, [(SERIES.id, 1)])
    assert details
    assert entries.contributors(store, [(SERIES.id, 1)]) == [(("i-1", 5),)]


def test_replace_marks_what_is_old_and_what_is_not_judged(store: Store) -> None:
    tax = Series("AWS EC2", "USD", "aws", "42", "eu-west-1", charge_category="tax")
    partition = store.partition(tax.id)
    scopes.claim(store, 1, [SCOPE], 0)
    replace(store, wanted(0, 5), wanted(3, 5), quiet_before=2 * DAY)
    scopes.replace(store, partition, 1, [wanted(0, 5, tax)], 2 * DAY)
    marks = [row.mark for p in {partition, store.partition(SERIES.id)} for row in feed.pending(store, p, 10)[1]]
    assert sorted(marks) == ["", "q", "x"]


def seen(store: Store) -> dict[str, object]:
    """Return everything that a series leaves, except the numbers of its arrivals."""
    partition = store.partition(SERIES.id)
    ids = store_series.matching(store, {})
    return {
        "series": ids,
        "found": [store_series.matching(store, {"service": "AWS EC2", "account": "42"})],
        "recent": store.client.zrange(partition.recent, 0, -1, withscores=True),
        "windows": store_series.windows(store, ids),
        "entries": store_series.amounts(store, SERIES.id),
        "daily": sorted(row for _, rows in store_series.daily(store, [SERIES.id], 0, 300) for row in rows),
        "external": sorted(store.client.hkeys(partition.external + SERIES.id)),
        "held": [sorted(places) for places in scopes.read_held(store, [SCOPE]).values()],
        "details": sum(store.client.hlen(key) for key in store.client.scan_iter(partition.details + "*")),
    }


days = st.lists(st.tuples(st.integers(0, 12), st.integers(-(10**18), 10**18)), min_size=0, max_size=14)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=days, removed=st.sets(st.integers(13, 26), max_size=6), late=st.booleans(), order=st.randoms())
def test_what_is_removed_is_as_if_it_had_never_been(
    store: Store,
    kept: list[tuple[int, int]],
    removed: set[int],
    *,
    late: bool,
    order: object,
) -> None:
    rows = [wanted(2 * day, amount) for day, amount in dict(kept).items()]
    # Between the others in time, so that they push some out of the window, and let them in again.
    extra = [wanted(2 * (day - 13) + 1, day * 10**15) for day in removed]
    store.client.flushall()
    scopes.claim(store, 1, [SCOPE], 0)
    if rows:
        replace(store, *rows)
    expected = seen(store)
    store.client.flushall()
    scopes.claim(store, 1, [SCOPE], 0)
    together = [*rows, *extra]
    order.shuffle(together)  # type: ignore[attr-defined]
    if together:
        replace(store, *together)
    gone = [PlannedEntry(row.scope, row.place, None) for row in extra]
    if gone and late:
        for row in gone:
            replace(store, row)
    elif gone:
        replace(store, *gone)
    assert seen(store) == expected


def test_a_series_that_is_emptied_is_still_known_by_name(store: Store) -> None:
    scopes.claim(store, 1, [SCOPE], 0)
    replace(store, wanted(0, 5))
    replace(store, wanted(0, None))
    assert store_series.matching(store, {}) == []
    assert store_series.identities(store, [SERIES.id]) == {SERIES.id: SERIES}
    replace(store, wanted(0, 6))
    assert store_series.matching(store, {"account": "42"}) == [SERIES.id]
