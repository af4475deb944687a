from hypothesis import given
from hypothesis import strategies as st

from kumo.domain import moments


def limbs(value: int) -> list[int]:
    """Return what record.lua adds up for one amount."""
    sign, rest = (-1 if value < 0 else 1), abs(value)
    a, b, c = sign * (rest // 10**12), sign * (rest // 10**6 % 10**6), sign * (rest % 10**6)
    return [a, b, c, a * a, 2 * a * b, 2 * a * c + b * b, 2 * b * c, c * c]


@given(st.lists(st.integers(-(10**18), 10**18), max_size=50))
def test_sums_of_limbs_join_into_exact_moments(values: list[int]) -> None:
    sums = [sum(column) for column in zip(*map(limbs, values), strict=True)] or [0] * 8
    assert moments.join(len(values), sums) == moments.of(values)


def test_empty_and_single_windows_have_no_spread() -> None:
    assert (moments.EMPTY.mean, moments.EMPTY.stddev) == (0.0, 0.0)
    assert moments.of([5_000_000]).stddev == 0.0
