"""Verdicts on totals, packed and read again."""

from hypothesis import given
from hypothesis import strategies as st

from kumo.domain.detectors import LETTERS
from kumo.domain.judging import Cause
from kumo.domain.totals.folding import JudgedPeriod, TotalStatus
from kumo.store.period_codec import pack_period, unpack_period

amounts = st.integers(-(10**25), 10**25)
figures = st.none() | st.floats(allow_nan=False, width=32)


@given(
    number=st.integers(0, 2**31),
    micros=amounts,
    status=st.sampled_from(TotalStatus),
    usual=st.none() | amounts,
    limit=st.none() | amounts,
    score=figures,
    threshold=st.sampled_from([3.0, 2.5]),
    detector=st.sampled_from(sorted(LETTERS)),
    cause=st.none() | st.sampled_from(Cause),
    chance=figures,
)
def test_a_verdict_is_read_as_it_was_written(**fields: object) -> None:
    period = JudgedPeriod(**fields)
    assert unpack_period(period.number, pack_period(period)) == period


def test_a_verdict_is_small() -> None:
    period = JudgedPeriod(
        number=20_000,
        micros=1_234_567_890,
        status=TotalStatus.NORMAL,
        usual=1_200_000_000,
        limit=1_500_000_000,
        score=0.5,
        threshold=3.0,
        detector="adaptive",
    )
    assert len(pack_period(period)) <= 26


def test_a_status_of_a_newer_version_is_no_verdict() -> None:
    assert unpack_period(1, b"?a-\x00\x01\x05") is None
