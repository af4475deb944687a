"""Money as integers of 10⁻⁶ units ("micros"), never as a float."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Final

SCALE: Final = 1_000_000
MAX_UNITS: Final = 10**12
MAX_MICROS: Final = MAX_UNITS * SCALE
MAX_AMOUNT_LENGTH: Final = 100

_AMOUNT: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,4})?", re.ASCII)
_MICRO: Final = Decimal(1).scaleb(-6)
_EXACT: Final = Context(prec=50, rounding=ROUND_HALF_EVEN)
_MAX_EXPONENT: Final = 12
_OUT_OF_RANGE: Final = f"must be between -{MAX_UNITS} and {MAX_UNITS}"

# Active codes of ISO 4217 (list one, 2024), without funds and precious metals.
CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - as a list it would be longer than the rest of this module
)


def to_micros(value: object) -> int:
    """Parse an amount of currency units into micros, rounding half to even at the sixth decimal.

    Accepts an `int`, a `Decimal`, a `float` (by its shortest decimal form) or a decimal string such as "12.50" or
    "1.86E-8". Raises `ValueError`, with a sentence for the client, for anything else, for values that are not finite,
    and for magnitudes above 10¹² units.
    """
    number = _decimal(value)
    # adjusted() is the exponent of the leading digit. It is checked first because writing out "1e9999" would build a
    # number of ten thousand digits.
    if number and number.adjusted() > _MAX_EXPONENT:
        raise ValueError(_OUT_OF_RANGE)
    # quantize rounds the exact operand once; the result has at most 19 digits.
    micros = int(number.quantize(_MICRO, context=_EXACT).scaleb(6, context=_EXACT))
    if abs(micros) > MAX_MICROS:
        raise ValueError(_OUT_OF_RANGE)
    return micros


def _decimal(value: object) -> Decimal:
    """Convert a value from JSON or a CSV to a finite `Decimal`, without passing through a float."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise ValueError("must be a number or a decimal string")
    if isinstance(value, str) and not (len(value) <= MAX_AMOUNT_LENGTH and _AMOUNT.fullmatch(value)):
        raise ValueError("must be a decimal number such as 12.50, without separators or currency signs")
    if isinstance(value, int) and abs(value) > MAX_UNITS:
        raise ValueError(_OUT_OF_RANGE)
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError("must be a finite number")
    return number


def exact(micros: int) -> str:
    """Write micros as a decimal string of units without trailing zeros: 50500000 → "50.5"."""
    whole, part = divmod(abs(micros), SCALE)
    sign = "-" if micros < 0 else ""
    return f"{sign}{whole}.{part:06d}".rstrip("0").rstrip(".")


def exact_square(square_micros: int) -> str:
    """Write a sum of squared micros (10⁻¹² units²) as an exact decimal string."""
    whole, part = divmod(square_micros, SCALE * SCALE)
    return f"{whole}.{part:012d}".rstrip("0").rstrip(".")


def units(micros: int) -> float:
    """Return micros as a float of units: the nearest one, because integer division rounds once."""
    return micros / SCALE


# A shown verdict asks for its mean eight times in a row.
@lru_cache(maxsize=64)
def micros_of(amount: float) -> int:
    """Return the nearest micros of a float of units, for derived figures such as a mean."""
    return int(Decimal(amount).quantize(_MICRO, context=_EXACT).scaleb(6, context=_EXACT))
