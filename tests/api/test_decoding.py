"""JSON decoded a piece at a time: the same values as at once, and no more memory than a batch may need."""

import json
import tracemalloc
from collections.abc import Callable
from itertools import islice

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from kumo.api import decoding
from kumo.api.decoding import NotJsonError
from kumo.domain.entries import MAX_BATCH, MAX_TAGS, MAX_TEXT
from kumo.engine import ingest
from kumo.errors import InvalidBodyError
from tests.api.test_bad_input import send

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
blank = st.text(" \t\r\n", max_size=3)
MEGABYTE = 2**20


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the window so small that most entries exceed it."""
    monkeypatch.setattr(decoding, "MAX_DOCUMENT", 64)
    monkeypatch.setattr(decoding, "_SLACK", 8)


@settings(deadline=None)
@given(rows=st.lists(values, max_size=20), gap=blank)
def test_the_items_of_an_array_are_those_of_the_whole(rows: list[object], gap: str) -> None:
    text = gap + json.dumps(rows, separators=(f"{gap},{gap}", f"{gap}:{gap}")) + gap
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "MAX_DOCUMENT", max(64, *(len(json.dumps(row)) * 7 for row in rows)) if rows else 64)
        patch.setattr(decoding, "_SLACK", 8)
        assert list(decoding.items(text)) == rows
        assert [row for _, row in decoding.lines("\n".join(map(json.dumps, rows)))] == rows


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("row", ["1234567890" * 5, '"' + "x" * 50 + '"', '"' + "\\u00e9" * 9 + '"', "-Infinity"])
def test_no_value_is_cut_by_the_end_of_a_window(row: str) -> None:
    expected = list(decoding.items(f"[{row}]"))
    for before in range(40):
        assert list(decoding.items(f"[{' ' * before}1, {row}, {row}, {row}]"))[1:] == expected * 3


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("before", range(0, 70, 7))
@pytest.mark.parametrize("rest", ['{"a" 1}]', '"x\ty"]', "1 2]", "1", "1] 2", "1,]", '{"a": "x', "", "tru]", "[}"])
def test_an_error_is_told_where_it_is_in_the_whole(before: int, rest: str) -> None:
    text = "[0," + " " * before + "\n" + rest
    with pytest.raises(json.JSONDecodeError) as whole:
        json.loads(text)
    with pytest.raises(NotJsonError) as caught:
        list(decoding.items(text))
    assert f"at line {whole.value.lineno}, column" in str(caught.value.description)
    if rest != "1,]":  # later versions of Python point at the comma
        assert f"{whole.value.msg} at line 2, column {whole.value.colno}." in str(caught.value.description)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("row", ['"' + "x" * 70 + '"', "[" + "[]," * 30 + "[]]", "1" * 70, '{"a": "' + "x" * 70 + '"}'])
def test_an_entry_that_is_longer_than_any_may_be_is_named(row: str) -> None:
    bodies: list[tuple[Callable[[], object], int | None]] = [
        (lambda: list(decoding.items(f"[1, {row}]")), 1),
        (lambda: list(decoding.lines(f"1\n\n{row}\n2")), 1),
        (lambda: decoding.document(row), None),
    ]
    for decode, index in bodies:
        with pytest.raises(InvalidBodyError) as caught:
            decode()
        assert [(error.index, error.detail.split(" ")[:5]) for error in caught.value.errors] == [
            (index, ["must", "not", "be", "longer", "than"])
        ]


@pytest.mark.parametrize(
    "body",
    [
        lambda: (row for _, row in decoding.lines("{}\n" * MEGABYTE)),
        lambda: (row for _, row in decoding.lines("[" + "{}," * MEGABYTE)),
        lambda: (row for _, row in decoding.lines("\n" * MEGABYTE)),
        lambda: (row for _, row in decoding.lines(("[" + "[]," * 200 + "[]]\n") * 5000)),
        lambda: decoding.items("[" + "{}," * MEGABYTE + "{}]"),
        lambda: decoding.items("[[" + "[]," * MEGABYTE + "[]]]"),
        lambda: decoding.items('[{"tags": {' + '"a": [],' * MEGABYTE + '"b": 1}}]'),
        lambda: decoding.items("[" + ",".join(['{"a":1,"b":2,"c":3}'] * 100_000) + "]"),
    ],
)
def test_a_body_costs_no_more_memory_than_a_batch_may_need(body: Callable[[], list[object]]) -> None:
    rows = body()
    tracemalloc.start()
    try:
        with pytest.raises(InvalidBodyError):
            ingest.read(rows, 0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 * MEGABYTE


def test_an_entry_may_hold_all_that_its_fields_may_each_letter_escaped(client: FlaskClient) -> None:
    names = ("service", "provider", "account", "region", "external_id")
    texts = dict.fromkeys(names, "\U0001d54f" * MAX_TEXT)
    tags = {f"{number:02}" + "\U0001d54f" * (MAX_TEXT - 2): "\U0001d54f" * MAX_TEXT for number in range(MAX_TAGS)}
    body = json.dumps(texts | {"amount": 1, "tags": tags}, indent=1)
    assert 250_000 < len(body) < decoding.MAX_DOCUMENT
    assert send(client, body).status_code == 202
    assert send(client, f"[{body}, {body}]", "/ingest/batch").status_code == 202


def test_no_more_is_decoded_than_a_batch_may_hold() -> None:
    rows = iter(decoding.items("[" + '{"service":"x","amount":1},' * 20_000 + "nonsense"))
    with pytest.raises(InvalidBodyError, match="1 to 10000 entries, not more"):
        ingest.read(rows, 0)
    assert len(list(islice(decoding.lines('{"service":"x"}\n' * 20_000), MAX_BATCH))) == MAX_BATCH
