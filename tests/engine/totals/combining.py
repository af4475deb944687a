"""Totals of groups in their homes."""

from collections import Counter, defaultdict

from kumo.services import Services
from kumo.store.commands import hgetall, hset
from kumo.store.series import BILLION


def combine(services: Services) -> None:
    """Write the combined totals of all groups, as the judges of their homes do."""
    store = services.store
    names = [key.decode() for key in store.client.scan_iter("*:shares:*", count=10_000)]
    found: dict[tuple[str, str, bytes], Counter[str]] = defaultdict(Counter)
    for name, days in zip(names, store.many(map(hgetall, names)), strict=True):
        *_, group, block = name.split(":")
        for field, text in days.items():
            entries, high, low, *_ = map(int, text.split())
            found[group, block, field].update(entries=entries, micros=high * BILLION + low)
    writes = []
    for (group, block, field), total in found.items():
        high, low = divmod(total["micros"], BILLION)
        writes.append(hset(f"{store.partition(group).daily}{group}:{block}", field, f"{total['entries']} {high} {low}"))
    store.many(writes)
