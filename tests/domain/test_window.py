"""The window in memory, compared with sorting everything again."""

from hypothesis import given
from hypothesis import strategies as st

from kumo.domain import moments
from kumo.domain.window import Window

arrivals = st.tuples(st.integers(0, 30), st.integers(-(10**18), 10**18))


@given(history=st.lists(arrivals, max_size=80), size=st.integers(2, 12))
def test_after_each_arrival_the_moments_are_those_of_the_newest_entries(
    history: list[tuple[int, int]], size: int
) -> None:
    window = Window(size)
    for count, (timestamp, amount) in enumerate(history, 1):
        window.enter(timestamp, amount)
        order = sorted(range(count), key=lambda seq: (history[seq][0], seq))
        assert window.moments == moments.of(history[seq][1] for seq in order[-size:])


def test_a_late_entry_older_than_a_full_window_does_not_enter() -> None:
    window = Window(2)
    for timestamp, amount in ((10, 1), (20, 2), (5, 1000)):
        window.enter(timestamp, amount)
    assert window.moments == moments.of([1, 2])


def test_a_late_entry_within_a_full_window_pushes_the_oldest_out() -> None:
    window = Window(2)
    for timestamp, amount in ((10, 1), (20, 2), (15, 3)):
        window.enter(timestamp, amount)
    assert window.moments == moments.of([2, 3])


def test_of_equal_timestamps_the_one_that_arrived_first_leaves_first() -> None:
    window = Window(2)
    for amount in (1, 2, 3):
        window.enter(10, amount)
    assert window.moments == moments.of([2, 3])


@given(history=st.lists(arrivals, min_size=1, max_size=40), size=st.integers(2, 12), data=st.data())
def test_an_entry_in_the_window_takes_another_amount_in_its_place(
    history: list[tuple[int, int]], size: int, data: st.DataObject
) -> None:
    window = Window(size)
    for timestamp, amount in history:
        window.enter(timestamp, amount)
    kept = [entry for _, entry in sorted(enumerate(history), key=lambda each: (each[1][0], each[0]))][-size:]
    place = data.draw(st.integers(0, len(kept) - 1))
    timestamp, old = kept[place]
    assert window.restate(timestamp, old, 7) == moments.of(
        amount for number, (_, amount) in enumerate(kept) if number != kept.index((timestamp, old))
    )
    kept[kept.index((timestamp, old))] = (timestamp, 7)
    assert window.moments == moments.of(amount for _, amount in kept)


def test_an_entry_that_left_the_window_changes_nothing() -> None:
    window = Window(2)
    for timestamp, amount in ((10, 1), (20, 2), (30, 3)):
        window.enter(timestamp, amount)
    assert window.restate(10, 1, 50) == window.moments == moments.of([2, 3])


def test_a_window_may_begin_with_earlier_entries() -> None:
    window = Window(3, [1, 2])
    for amount in (3, 4):
        window.enter(0, amount)
    assert window.moments == moments.of([2, 3, 4])
