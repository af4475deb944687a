"""The largest names of a total, in bounded memory."""

import random
from decimal import Decimal

import pytest

from kumo.billing.contributors import CAPACITY, KEPT, TOP, Tally
from kumo.billing.room import Room


def rank(*counts: tuple[str, str]) -> list[tuple[str, str]]:
    tally = Tally(Room(100))
    for name, amount in counts:
        tally.count(name, Decimal(amount))
    return [(each.name, str(each.amount)) for each in tally.top()]


@pytest.mark.parametrize(
    ("counts", "ranked"),
    [
        ([], []),
        ([("a", "0")], [("a", "0")]),
        ([("a", "1"), ("b", "-2"), ("a", "0.5")], [("b", "-2"), ("a", "1.5")]),
        ([("b", "1"), ("a", "1"), ("c", "-1")], [("a", "1"), ("b", "1"), ("c", "-1")]),
        ([("a", "5"), ("a", "-5"), ("b", "0.1")], [("b", "0.1"), ("a", "0")]),
    ],
)
def test_names_are_ranked_by_the_size_of_their_sums_and_then_by_name(
    counts: list[tuple[str, str]], ranked: list[tuple[str, str]]
) -> None:
    assert rank(*counts) == ranked


def test_no_more_than_ten_are_named() -> None:
    assert [name for name, _ in rank(*((f"{number:02}", str(number)) for number in range(TOP + 1)))] == [
        f"{number:02}" for number in range(TOP, 0, -1)
    ]


def test_room_that_a_tally_gives_back_serves_another() -> None:
    room = Room(100)
    tallies = [Tally(room), Tally(room)]
    for number in range(90):
        tallies[0].count(f"i-{number}", Decimal(number))
    for number in range(100):
        tallies[1].count(f"i-{number}", Decimal(number))
    assert sum(len(tally._sums) for tally in tallies) <= 100 + CAPACITY
    assert room.left == 100 - sum(len(tally._sums) for tally in tallies)
    assert all(each.exact for each in tallies[0].top())


def test_contributors_stay_bounded_and_keep_what_is_large() -> None:
    random.seed(5)
    amounts = [(f"small-{random.randrange(50_000)}", Decimal("0.5")) for _ in range(60_000)]
    large = [("early", Decimal(3))] * 1000 + [("steady", Decimal(8))] * 1000
    amounts += large
    random.shuffle(amounts)
    amounts += [("late", Decimal(4))] * 800
    tally = Tally(Room(0))
    for name, amount in amounts:
        tally.count(name, amount)
        assert len(tally._sums) <= CAPACITY
    total = sum(amount for _, amount in amounts)
    top = {each.name: each for each in tally.top()}
    for name, true in (("early", 3000), ("steady", 8000), ("late", 3200)):
        assert true > total / KEPT
        assert true * Decimal("0.7") <= top[name].amount <= true


def test_a_contributor_that_grows_late_is_found() -> None:
    tally = Tally(Room(0))
    for hour in range(24):
        for number in range(200):
            tally.count(f"i-{number}", Decimal(1))
        if hour >= 12:
            tally.count("jump", Decimal(40))
    assert tally.top()[0].name == "jump"
    assert not tally.top()[0].exact
