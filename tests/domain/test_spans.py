import pytest

from kumo.domain.spans import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 seconds"),
        (1.9, "1 second"),
        (119, "119 seconds"),
        (121, "2 minutes"),
        (7_300, "2 hours"),
        (200_000, "2 days"),
    ],
)
def test_a_length_of_time_is_told_in_a_unit_that_fits(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
