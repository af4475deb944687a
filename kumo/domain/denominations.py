"""Units of money that are worth about the same in every currency, for limits that hold in all of them."""

from collections.abc import Mapping
from typing import Final

from kumo.domain.money import SCALE

# For currencies of which a US dollar buys a hundred or more (mid-2024): the power of ten below that number.
_BY_SIZE: Final[Mapping[int, str]] = {
    100: """
        AMD AOA BDT CLP CRC CVE DJF DZD ETB GYD HTG HUF ISK JMD JPY KES KMF KPW KZT LKR LRD NPR PKR RSD SDG SOS VUV XAF
        XOF XPF YER
    """,
    1_000: "ARS BIF CDF COP GNF IQD KHR KRW MGA MMK MNT MWK NGN PYG RWF SSP TZS UGX",
    10_000: "IDR IRR LAK LBP SYP UZS VND",
}
DENOMINATIONS: Final[Mapping[str, int]] = {
    currency: size for size, currencies in _BY_SIZE.items() for currency in currencies.split()
}


def scale_units(units: float, currency: str) -> int:
    """Return an amount in micros of a currency: so many dollars are about as much in dollars as in yen times 100."""
    return round(units * DENOMINATIONS.get(currency, 1) * SCALE)
