"""One line item of a bill, whatever provider wrote it."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from kumo.domain.maker import maker

NO_TAGS: Final[Mapping[str, str]] = MappingProxyType({})
ZERO: Final = Decimal(0)


class Line(NamedTuple):
    """What many rows of a bill have in common: scope, series and charge category. Rows share one, so it compares fast.

    Text stands as the file has it, but for the provider's name; what is absent is the empty string. `period` is the
    billing period, "YYYY-MM"; `category` the charge category as the bill says it.
    """

    source: str
    billing_account: str
    period: str
    provider: str
    account: str
    region: str
    service: str
    currency: str
    category: str

    @property
    def scope(self) -> tuple[str, str, str, str]:
        """What a delivery replaces as a whole: format, account, billing period and billing account (or account)."""
        return self.source, self.account, self.period, self.billing_account or self.account


class Row(NamedTuple):
    """One charge. A tuple, since there are millions of them and a frozen dataclass takes three times as long to make.

    `start` is in milliseconds since 1970 (UTC). `amount` is the amortized or effective cost, `billed` what is invoiced,
    both exact and of either sign; `credits` is the part of both that the file gives as credits beside a cost (Google).
    `resource` is the resource or, without one, the usage type. `quantity` counts `unit`s: None where nothing is said,
    NaN where that cannot be read. `times` is how many charges were summed into it. The rest is that of its line.
    """

    start: int
    line: Line
    amount: Decimal
    billed: Decimal
    resource: str = ""
    tags: Mapping[str, str] = NO_TAGS
    credits: Decimal = ZERO
    quantity: Decimal | None = None
    unit: str = ""
    times: int = 1

    @property
    def provider(self) -> str:
        """The provider by its short name, where Kumo knows it."""
        return self.line.provider

    @property
    def account(self) -> str:
        """The account, project, subscription or cluster."""
        return self.line.account

    @property
    def service(self) -> str:
        """The service as the bill names it."""
        return self.line.service

    @property
    def region(self) -> str:
        """The region as the bill names it."""
        return self.line.region

    @property
    def currency(self) -> str:
        """The currency that it is billed in."""
        return self.line.currency

    @property
    def category(self) -> str:
        """The charge category as the bill says it."""
        return self.line.category

    @property
    def source(self) -> str:
        """The format that it came in."""
        return self.line.source

    @property
    def billing_account(self) -> str:
        """The account that pays."""
        return self.line.billing_account

    @property
    def period(self) -> str:
        """The billing period, "YYYY-MM"."""
        return self.line.period


make_row: Final = maker(Row)
