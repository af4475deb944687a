"""Times as bills write them."""

from decimal import Decimal

import pytest

from kumo.billing import BillError
from kumo.billing.moments import TimeReader

OCTOBER = 1_790_812_800_000


@pytest.mark.parametrize(
    "value",
    [
        *(OCTOBER // 1000, OCTOBER, OCTOBER * 1000, OCTOBER * 10**6, 20261001),
        *(str(OCTOBER), str(OCTOBER // 1000), "20261001", float(OCTOBER), Decimal(OCTOBER)),
        *("2026-10-01", "2026-10-01T02:00:00+02:00", "01.10.2026", "1.10.2026 00:00", "2026-10-01 00:00:00 UTC"),
    ],
)
def test_a_time_is_read_however_it_is_written(value: object) -> None:
    assert TimeReader().read(value, "Date") == OCTOBER


def test_fractions_of_a_second_are_kept_to_the_millisecond() -> None:
    assert TimeReader().read(OCTOBER + 1, "Date") == OCTOBER + 1
    assert TimeReader().read((OCTOBER + 1) * 1000 + 999, "Date") == OCTOBER + 1


@pytest.mark.parametrize("value", [0, -5, 46296, 1.5, 10**20, True, "46296", "31.02.2026", "10/01/2026", None, []])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(BillError, match="is not a date that Kumo can read"):
        TimeReader().read(str(value) if value == [] else value, "Date")
