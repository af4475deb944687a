"""Which source counts if two formats have the same account and day, because both contain the same costs."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from kumo.billing import BillError
from kumo.domain.entries import Series
from kumo.domain.imports import Scope
from kumo.engine.imports import reconciliation
from kumo.engine.imports.bill_reader import BillEntries
from kumo.engine.imports.choices import Choices
from kumo.services import Services
from kumo.store import scopes
from kumo.store.scopes import Place
from kumo.store.series import date_of, day_of

# Largest distance in days of a charge from its billing period.
_NEAR: Final = timedelta(days=45)

Days = Mapping[str, Collection[int]]
Shared = Mapping[str, list[Place]]


def settle(
    services: Services, number: int, delivery: BillEntries, choices: Choices, since: int
) -> tuple[BillEntries, Shared]:
    """Return what a delivery may write from `since` (ms) on, and the places of other sources that it replaces.

    Raises `BillError` if another format has the same account and day and no option says which one counts, and
    `Overtaken` if a later import works on that other format. The delivery publishes its accounts before it reads
    others, and claims what it finds: of two such imports at once, at least one sees the other and stops it.
    """
    store = services.store
    days = _days_by_account(delivery, since)
    own = _scopes_by_account(delivery)
    scopes.remember_holders(store, own)
    others = _others(services, delivery, days)
    settled = _settle(services, delivery, choices, days, others)
    claimed = [name for name, scope in others.items() if scope.format != delivery.format]
    if claimed:
        scopes.claim(store, number, claimed, since)
        settled = _settle(services, delivery, choices, days, others)
    return settled


def _settle(
    services: Services, delivery: BillEntries, choices: Choices, days: Days, others: Mapping[str, Scope]
) -> tuple[BillEntries, Shared]:
    own = next(iter(delivery.scopes.values()), None)
    instead: dict[str, list[Place]] = {}
    yielded: set[tuple[str, int]] = set()
    notes: list[str] = []
    for name, places in _find_shared(services, days, others).items():
        other = others[name]
        assert own is not None
        if other.format == own.format:
            if other.account:
                notes.append(f"{_label(other)} also has costs of account {other.account} on the same days: both count")
        elif _is(own, choices.counts) and not _is(other, choices.counts):
            instead[name] = list(places)
        elif _is(other, choices.counts) and not _is(own, choices.counts):
            yielded.update((account, day_of(place.start)) for place, account in places.items())
        else:
            raise _refusal(own, other, places)
    if yielded:
        delivery = _without(delivery, yielded)
    return replace(delivery, notes=(*delivery.notes, *dict.fromkeys(notes))), instead


def _refusal(own: Scope, other: Scope, places: Iterable[Place]) -> BillError:
    days = sorted({day_of(place.start) for place in places})
    ours, theirs = _label(own), _label(other)
    if ours == theirs:
        ours, theirs = own.format, other.format
    more = f" and {len(days) - 1} more days" if len(days) > 1 else ""
    return BillError(
        f"{ours} and {theirs} both have costs of account {other.account or '(none)'} on {date_of(days[0])}{more}, in "
        f"two formats, and would count twice; choose one with --counts {ours} or --counts {theirs}"
    )


def _label(scope: Scope) -> str:
    return scope.source or scope.format


def _is(scope: Scope, name: str) -> bool:
    return bool(name) and name in {scope.source, scope.format}


def _others(services: Services, delivery: BillEntries, days: Days) -> dict[str, Scope]:
    """Return the scopes of other sources or formats with one of the accounts in a period near its days."""
    every = [day for found in days.values() for day in found]
    if not every:
        return {}
    first, last = (f"{date:%Y-%m}" for date in (date_of(min(every)) - _NEAR, date_of(max(every)) + _NEAR))
    mine = {(scope.format, scope.source) for scope in delivery.scopes.values()}
    return {
        name: scope
        for name, scope in scopes.of_accounts(services.store, days).items()
        if (scope.format, scope.source) not in mine and first <= scope.period <= last
    }


def _find_shared(services: Services, days: Days, others: Mapping[str, Scope]) -> dict[str, dict[Place, str]]:
    """Return, by scope, its places with an account and a day in `days`, with the account."""
    held = scopes.read_held(services.store, others)
    known = reconciliation.identities(services, (place for places in held.values() for place in places))
    named = _namer()
    found: dict[str, dict[Place, str]] = {}
    for name, places in held.items():
        for place in places:
            account = named(known[place.series_id])
            if day_of(place.start) in days.get(account, ()):
                found.setdefault(name, {})[place] = account
    return found


def _without(delivery: BillEntries, yielded: Collection[tuple[str, int]]) -> BillEntries:
    """Leave out the accounts and days for which another source counts."""
    named = _namer()
    wanted = {
        scope: {
            place: entry
            for place, entry in entries.items()
            if (named(entry.series), day_of(place.start)) not in yielded
        }
        for scope, entries in delivery.wanted.items()
    }
    left_out = sum(map(len, delivery.wanted.values())) - sum(map(len, wanted.values()))
    note = f"{left_out} daily totals were left out, because another source counts for their accounts and days"
    return replace(delivery, notes=(*delivery.notes, note), wanted=wanted)


def _days_by_account(delivery: BillEntries, since: int) -> dict[str, set[int]]:
    named = _namer()
    found: dict[str, set[int]] = {}
    for entries in delivery.wanted.values():
        for place, entry in entries.items():
            if place.start >= since and (account := named(entry.series)):
                found.setdefault(account, set()).add(day_of(place.start))
    return found


def _scopes_by_account(delivery: BillEntries) -> dict[str, dict[str, Scope]]:
    named = _namer()
    found: dict[str, dict[str, Scope]] = {}
    for scope, entries in delivery.wanted.items():
        for account in {named(entry.series) for entry in entries.values()} - {""}:
            found.setdefault(account, {})[scope] = delivery.scopes[scope]
    return found


def _namer() -> Callable[[Series], str]:
    """Return a function that names the account of a series, empty if it has none; results are cached."""
    known: dict[str, str] = {}

    def name(series: Series) -> str:
        if series.id not in known:
            is_known = series.provider or series.account
            known[series.id] = scopes.account_of(series.provider, series.account) if is_known else ""
        return known[series.id]

    return name
