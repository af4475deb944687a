"""Planning an import: which of a delivery counts, which scopes it claims, and what is to be written."""

from kumo.billing import BillError
from kumo.engine.imports import accounts, kept_days, precedence, reconciliation
from kumo.engine.imports.bill_reader import Delivery
from kumo.engine.imports.choices import Choices
from kumo.engine.imports.reconciliation import Plan
from kumo.services import Services
from kumo.store import scopes


def plan(services: Services, number: int, delivery: Delivery, choices: Choices) -> tuple[Delivery, Plan]:
    """Claim what a delivery replaces, and return it as it counts, with what is to be written.

    Days that the retention has reached stay as they are. Raises `BillError` where it would count costs twice that are
    told in another way, and `Overtaken`.
    """
    _refuse_mixed(services, delivery)
    since = kept_days.first_written(services, delivery)
    delivery, instead = precedence.settle(services, number, delivery, choices, since)
    delivery, held = accounts.claim(services, number, delivery, since, complete=choices.complete)
    services.failpoint("import.claimed")
    # Now that the scopes are claimed, the retention reaches no further.
    since = kept_days.first_kept(services)
    bills = {name: scopes.bill_of(scope) for name, scope in delivery.scopes.items()}
    holds = held | scopes.read_held(services.store, instead)
    return delivery, reconciliation.plan(services, delivery.wanted, bills, holds, instead, since)


def _refuse_mixed(services: Services, delivery: Delivery) -> None:
    """Refuse one of Azure's two exports in a scope that has the other: both hold the same costs, told in two ways."""
    for name, tied in scopes.ties(services.store, delivery.scopes if delivery.dataset else {}).items():
        if tied not in {"", delivery.dataset}:
            raise BillError(
                f"is Azure's {delivery.dataset} export, and {delivery.scopes[name]} was imported from its {tied} "
                f"export: both would count the same costs; go on with {tied} ones, or forget those imports first"
            )
