"""What scripts return is read as what it must be."""

from collections.abc import Callable

import pytest

from kumo.store import answers
from kumo.store.protocol import Answer


@pytest.mark.parametrize(
    ("read", "answer", "found"),
    [
        (answers.number, 0, 0),
        (answers.number, b"-12", -12),
        (answers.number, str(2**63).encode(), 2**63),
        (answers.text, b"", b""),
        (answers.optional_text, None, None),
        (answers.optional_text, b"", b""),
        (answers.optional_number, None, None),
        (answers.optional_number, b"0", 0),
        (answers.items, [], []),
        (answers.texts, [b"a", b""], [b"a", b""]),
    ],
)
def test_an_answer_of_its_kind_is_read(read: Callable[[Answer], object], answer: Answer, found: object) -> None:
    assert read(answer) == found


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (answers.number, None),
        (answers.number, [1]),
        (answers.text, None),
        (answers.text, 1),
        (answers.optional_text, 0),
        (answers.optional_number, []),
        (answers.items, None),
        (answers.items, b"ab"),
        (answers.texts, [b"a", None]),
        (answers.texts, None),
    ],
)
def test_an_answer_of_another_kind_is_a_fault_of_ours(read: Callable[[Answer], object], answer: Answer) -> None:
    with pytest.raises(TypeError, match="A script has returned"):
        read(answer)


@pytest.mark.parametrize("answer", [b"", b"1.5", b"x", b"nan"])
def test_a_text_that_is_no_whole_number_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        answers.number(answer)
