"""The curve on which amounts are compared: asinh, which is logarithmic for large amounts and linear around zero.

Costs vary in proportion to their size, so their logarithms have an even spread. But credits are negative, and zero has
no logarithm; asinh is defined for all of them (Johnson 1949, family S_U; Burbidge, Magee and Robb 1988).

The code uses only the four basic operations and square roots, which IEEE 754 rounds the same everywhere. The last digit
of `math.log` or `math.asinh` depends on the C library, so verdicts could depend on the machine.
"""

import math
from typing import Final

LN2: Final = 0.6931471805599453
SQRT_HALF: Final = 0.7071067811865476
FARTHEST: Final = 100.0  # no amount is larger: asinh(10¹⁸ micros) is 42, and e¹⁰⁰ does not overflow


def ln(value: float) -> float:
    """Return the natural logarithm of a positive number, within 10⁻¹²: 2·artanh((m − 1)/(m + 1)), m around one."""
    mantissa, exponent = math.frexp(value)
    if mantissa < SQRT_HALF:
        mantissa *= 2.0
        exponent -= 1
    s = (mantissa - 1.0) / (mantissa + 1.0)
    q = s * s
    tail = 1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q * (1 / 13 + q / 15)))))
    return exponent * LN2 + 2.0 * s * (1.0 + q * tail)


def exp(value: float) -> float:
    """Return e to a power between −100 and 100, within 10⁻¹²: a Taylor series around zero, and powers of two."""
    turns = int(value / LN2 + (0.5 if value >= 0.0 else -0.5))
    r = (value - turns * LN2) / 4.0
    series = 1 + r * (1 + r / 2 * (1 + r / 3 * (1 + r / 4 * (1 + r / 5 * (1 + r / 6 * (1 + r / 7))))))
    series *= series
    return math.ldexp(series * series, turns)


def bend(ratio: float) -> float:
    """Return asinh: the place on the curve of an amount, given in units of the series' scale."""
    if ratio < 0.0:
        return -ln(math.sqrt(ratio * ratio + 1.0) - ratio)
    return ln(ratio + math.sqrt(ratio * ratio + 1.0))


def unbend(place: float) -> float:
    """Return sinh: the amount, in units of the series' scale, at a place on the curve."""
    grown = exp(min(max(place, -FARTHEST), FARTHEST))
    return (grown - 1.0 / grown) / 2.0


def clamp(value: float, limit: float) -> float:
    """Return the value, limited to ±limit."""
    return -limit if value < -limit else min(value, limit)
