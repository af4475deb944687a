"""Planning an import: the part of a delivery that counts, the scopes to claim, and the rows to write."""

from kumo.billing import BillError
from kumo.engine.imports import accounts, kept_days, precedence, reconciliation
from kumo.engine.imports.bill_reader import BillEntries
from kumo.engine.imports.choices import Choices
from kumo.engine.imports.reconciliation import Plan
from kumo.services import Services
from kumo.store import scopes


def plan(services: Services, number: int, delivery: BillEntries, choices: Choices) -> tuple[BillEntries, Plan]:
    """Claim the scopes of a delivery, and return the part that counts, with the rows to write.

    Days past the retention do not change. Raises `BillError` if it would count the same costs twice in two forms, and
    `Overtaken`.
    """
    _refuse_mixed(services, delivery)
    since = kept_days.first_written(services, delivery)
    delivery, instead = precedence.settle(services, number, delivery, choices, since)
    delivery, held = accounts.claim(services, number, delivery, since, complete=choices.complete)
    services.failpoint("import.claimed")
    # The scopes are claimed, so the retention stops before these days.
    since = kept_days.first_kept(services)
    bills = {name: scopes.bill_of(scope) for name, scope in delivery.scopes.items()}
    holds = held | scopes.read_held(services.store, instead)
    return delivery, reconciliation.plan(services, delivery.wanted, bills, holds, instead, since)


def _refuse_mixed(services: Services, delivery: BillEntries) -> None:
    """Refuse one of Azure's two exports in a scope that has the other: both contain the same costs."""
    for name, tied in scopes.read_datasets(services.store, delivery.scopes if delivery.dataset else {}).items():
        if tied not in {"", delivery.dataset}:
            raise BillError(
                f"is Azure's {delivery.dataset} export, but {delivery.scopes[name]} was imported from its {tied} "
                f"export: both contain the same costs; continue with {tied} exports, or forget those imports first"
            )
