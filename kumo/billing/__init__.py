"""Reading bills of cloud providers as they really come. This adapter stores and judges nothing.

`open_bill` recognises a file by its content and yields its rows, `daily` sums rows into totals, `fingerprint`
identifies a file that was read before. Every fault of a file is a `BillError`.
"""

from kumo.billing.context import Note
from kumo.billing.contributors import Contributor
from kumo.billing.errors import BillError
from kumo.billing.files import BillFile
from kumo.billing.options import Options
from kumo.billing.reading import Bill, Source, fingerprint, open_bill
from kumo.billing.row import Row
from kumo.billing.totals import Total, daily
from kumo.domain.categories import CATEGORIES

__all__ = [
    "CATEGORIES",
    "Bill",
    "BillError",
    "BillFile",
    "Contributor",
    "Note",
    "Options",
    "Row",
    "Source",
    "Total",
    "daily",
    "fingerprint",
    "open_bill",
]
