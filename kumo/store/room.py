"""Room for uploads: how many bytes may wait in the store for an importer, reserved before they are taken in."""

from dataclasses import dataclass
from typing import Final

from kumo.store import answers, keys
from kumo.store.client import Store

# Long enough for a weekend's night without an importer, short enough that what nobody wants does not fill the store.
KEPT_SECONDS: Final = 24 * 3600
# Longer than a request may take. What a killed web process had reserved counts as long as its pieces stand.
RESERVED_SECONDS: Final = 900
MOST_UPLOADS: Final = 1000


@dataclass(frozen=True, slots=True)
class Others:
    """What other uploads have reserved together, where there is no room left."""

    bytes: int
    uploads: int


def reserve(store: Store, token: str, size: int, most: int, seconds: int = RESERVED_SECONDS) -> Others | None:
    """Reserve room for an upload, or change what is reserved for it, for so many seconds.

    Returns the others where they leave no room; an upload that needs no more than it has, has it in any case.
    """
    answer = store.scripts.run(
        "reserve_room",
        {"room": keys.UPLOADS_ROOM},
        token=token,
        size=size,
        counts_ms=seconds * 1000,
        most_bytes=most,
        most_uploads=MOST_UPLOADS,
        longest_ms=KEPT_SECONDS * 1000,
    )
    reserved, others, uploads = map(answers.number, answers.items(answer))
    return None if reserved else Others(others, uploads)


def release(store: Store, token: str, size: int) -> None:
    """Give back what is reserved for an upload; does nothing where that was done."""
    store.client.zrem(keys.UPLOADS_ROOM, f"{token}:{size}")
