"""The options that say how a bill is to be read."""

from typing import Any

import click
import pytest
from click.testing import CliRunner

from kumo.cli.choices import choosing
from kumo.engine.imports.choices import Choices


def choose(*arguments: str) -> tuple[str, Choices | None]:
    """Return what a command with these options prints where it is refused, and what it is given."""
    given: list[Choices] = []

    @click.command()
    @choosing
    def command(**chosen: Any) -> None:  # noqa: ANN401 - what click has read
        given.append(Choices(**chosen))

    result = CliRunner().invoke(command, arguments)
    return result.output, given[0] if given else None


def test_without_options_a_bill_is_read_by_day_and_amortized_cost() -> None:
    assert choose() == ("", Choices())


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("tax", {"tax"}),
        (" TAX, refund ,,tax", {"tax", "refund"}),
        ("usage", {"usage"}),
        ("", set()),
        (" , ", set()),
    ],
)
def test_charge_categories_are_read_in_any_case_with_spaces_and_twice(text: str, categories: set[str]) -> None:
    _, chosen = choose("--detect", text)
    assert chosen is not None
    assert chosen.detect == categories


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--detect", "tax,vat,duty"), "duty, vat: unknown charge category; known are adjustment, credit, fee"),
        (("--granularity", "weekly"), "'weekly' is not one of 'daily', 'hourly'"),
        (("--amount", "list"), "'list' is not one of 'amortized', 'billed'"),
        (("--map", "x"), "Invalid value for '--map'"),
        (("--currency",), "requires an argument"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_with_what_does(arguments: tuple[str, ...], said: str) -> None:
    output, chosen = choose(*arguments)
    assert chosen is None
    assert said in output


def test_each_option_is_passed_on() -> None:
    _, chosen = choose(
        *("--granularity", "hourly", "--amount", "billed", "--currency", "EUR", "--account", "0042"),
        *("--map", "timestamp=Date,amount=Cost", "--source", "a", "--counts", "b", "--complete"),
    )
    assert chosen == Choices(
        granularity="hourly",
        amount="billed",
        currency="EUR",
        account="0042",
        map="timestamp=Date,amount=Cost",
        source="a",
        counts="b",
        complete=True,
    )
