"""The accounts of a bill: those that a delivery has, and those that are missing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from kumo.domain.entries import Entry
from kumo.domain.imports import Scope
from kumo.engine.imports.bill_reader import BillEntries
from kumo.services import Services
from kumo.store import scopes
from kumo.store.scopes import Held, Place

# Number of accounts that a note names.
_SHOWN: Final = 10


def claim(
    services: Services, number: int, delivery: BillEntries, since: int, *, complete: bool
) -> tuple[BillEntries, dict[str, dict[Place, Held]]]:
    """Claim the scopes of a delivery for an import, and read their entries; raise `Overtaken`.

    A complete delivery (by its manifest or an option) has all accounts of its bills: missing accounts become empty
    in its days. Another delivery notes the missing accounts that came together with its own before, and does not
    change them. Only its days from `since` (ms) on may be written.
    """
    store = services.store
    known = scopes.accounts(store, {scopes.bill_of(scope) for scope in delivery.scopes.values()})
    lacking = {name: scope for name, scope in known.items() if name not in delivery.scopes}
    gone = {name: scope for name, scope in lacking.items() if complete or scope.billing_account in delivery.payers}
    lacking = {name: scope for name, scope in lacking.items() if name not in gone}
    empty: dict[str, dict[Place, Entry]] = {name: {} for name in gone}
    delivery = replace(delivery, scopes=delivery.scopes | gone, wanted=delivery.wanted | empty)
    scopes.claim(store, number, list(delivery.wanted), since)
    scopes.remember_accounts(store, delivery.scopes)
    held = scopes.read_held(store, delivery.wanted)
    if lacking:
        delivery = _note_lacking(services, delivery, held, lacking)
    return delivery, held


def _note_lacking(
    services: Services, delivery: BillEntries, held: Mapping[str, Mapping[Place, Held]], lacking: Mapping[str, Scope]
) -> BillEntries:
    """Note the accounts that an earlier delivery had together with those of this one."""
    together = {each.writer for places in held.values() for each in places.values()}
    others = scopes.read_held(services.store, lacking)
    names = sorted(
        lacking[name].account
        for name, places in others.items()
        if any(each.writer in together for each in places.values())
    )
    if not names:
        return delivery
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    note = f"accounts of earlier deliveries are missing: {shown}; they stay as they were (--complete removes them)"
    return replace(delivery, notes=(*delivery.notes, note))
