"""The last heartbeat of each kind of worker, by the store's clock."""

from kumo.store import answers, keys
from kumo.store.client import Store, pairs


def record_heartbeat(store: Store, kind: str) -> None:
    """Store a heartbeat of a kind of worker."""
    store.scripts.run("record_heartbeat", {"workers": keys.WORKERS}, kind=kind)


def heartbeat_ages(store: Store) -> dict[str, float]:
    """Return for how many seconds each kind of worker has given no sign of life; kinds that never did are left out.

    0 if the store's clock has stepped back since.
    """
    answer = answers.items(store.scripts.run("read_heartbeat_ages", {"workers": keys.WORKERS}))
    return {answers.text(kind).decode(): max(0, answers.number(ms)) / 1000 for kind, ms in pairs(answer)}
