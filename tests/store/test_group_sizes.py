"""The sizes of groups: all combined days of a span count, whatever block they are in, and nothing else."""

from kumo.domain.groups import Group
from kumo.services import Services
from kumo.store.group_sizes import sum_combined
from tests.verdicts import combine

BLOCK = 80 * 256
ONE, TWO, EMPTY = (Group("account", (name,), "USD").id for name in ("one", "two", "empty"))


def test_the_days_of_a_span_are_summed_over_blocks_with_what_is_no_usage(services: Services) -> None:
    services.check_layout()
    for day, units in ((BLOCK - 8, 100), (BLOCK - 7, 1), (BLOCK - 1, 2), (BLOCK, 4), (BLOCK + 1, 8), (BLOCK + 2, 200)):
        combine(services.store, ONE, day, units)
    combine(services.store, ONE, BLOCK, 16, excluded=True)
    combine(services.store, TWO, BLOCK, -5)
    sizes = sum_combined(services.store, [ONE, TWO, EMPTY], BLOCK - 7, BLOCK + 1)
    assert sizes == {ONE: 31_000_000, TWO: -5_000_000, EMPTY: 0}
