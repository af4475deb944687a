"""Parts: the amount of an entry split exactly by the values of a tag key."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Final

from kumo.domain.names import compare_name

# Values of a key in one entry beyond the largest ones are one part with this name.
MOST_VALUES: Final = 1_000
OTHER_VALUES: Final = "(other values)"

# By key, by value, in micros. The empty value: without the tag. A key without any value is left out.
Parts = Mapping[str, Mapping[str, int]]

# By key in compared form: the values of an entry, each with its micros. A value with the whole amount is the only one.
Labels = Mapping[str, Mapping[str, int]]

_FLOOR: Final = Context(prec=200, rounding=ROUND_FLOOR)


def round_parts(parts: Sequence[tuple[str, Decimal]], amount: int) -> dict[str, int]:
    """Round units into micros that add up to an amount, which is their sum rounded to the nearest micro.

    All are rounded down; then those that lost the most are raised by one micro until the sum is right.
    """
    exact = [value.scaleb(6, context=_FLOOR) for _, value in parts]
    down = [int(value.to_integral_value(context=_FLOOR)) for value in exact]
    lost = sorted(range(len(parts)), key=lambda place: down[place] - exact[place])
    for place in lost[: amount - sum(down)]:
        down[place] += 1
    return {name: micros for (name, _), micros in zip(parts, down, strict=True)}


def label(amount: int, tags: Mapping[str, str], parts: Parts) -> Labels:
    """Return the tag values of an entry: those of its parts, or of its tags, each with the whole amount.

    Of several tags with the same key, the first one with a value counts.
    """
    found: dict[str, Mapping[str, int]] = {compare_name(key): split for key, split in parts.items()}
    for key, value in tags.items():
        if compare_name(value):
            found.setdefault(compare_name(key), {value: amount})
    return found


def share(labels: Mapping[str, int], fits: Callable[[str], bool]) -> float:
    """Return the share of an entry whose values fit, by magnitude; a missing value fits nothing."""
    sizes = {value: abs(micros) for value, micros in labels.items()}
    if not any(sizes.values()):
        sizes = dict.fromkeys(sizes, 1)
    whole = sum(sizes.values())
    return sum(size for value, size in sizes.items() if value and fits(value)) / whole if whole else 0.0
