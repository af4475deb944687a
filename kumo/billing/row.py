"""One line item of a bill, for all providers."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from kumo.domain.maker import maker

NO_TAGS: Final[Mapping[str, str]] = MappingProxyType({})
ZERO: Final = Decimal(0)


class Line(NamedTuple):
    """The common part of many rows of a bill: scope, series and charge category. Rows share one, so it compares fast.

    Text is as in the file, except the provider's name; missing text is the empty string. `period` is the
    billing period, "YYYY-MM"; `category` the charge category in the bill's words.
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
        """The part that a delivery replaces: format, account, billing period and billing account (or account)."""
        return self.source, self.account, self.period, self.billing_account or self.account


class Row(NamedTuple):
    """One charge. A tuple, because there are millions and a frozen dataclass takes three times as long to create.

    `start` is in milliseconds since 1970 (UTC). `amount` is the amortized or effective cost, `billed` the invoiced one,
    both exact and of either sign; `credits` is the part of both that the file has as credits beside a cost (Google).
    `resource` is the resource or, without one, the usage type. `quantity` counts `unit`s: None if it is missing,
    NaN if it is unreadable. `times` is how many charges were summed into it. The rest is in its line.
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
        """The provider by its short name, if Kumo knows it."""
        return self.line.provider

    @property
    def account(self) -> str:
        """The account, project, subscription or cluster."""
        return self.line.account

    @property
    def service(self) -> str:
        """The service as named in the bill."""
        return self.line.service

    @property
    def region(self) -> str:
        """The region as named in the bill."""
        return self.line.region

    @property
    def currency(self) -> str:
        """The billing currency."""
        return self.line.currency

    @property
    def category(self) -> str:
        """The charge category in the bill's words."""
        return self.line.category

    @property
    def source(self) -> str:
        """The format of the bill."""
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
