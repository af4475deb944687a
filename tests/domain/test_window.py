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
