"""Room for uploads: the bytes that may wait in the store for an importer, reserved before they are received."""

from dataclasses import dataclass
from typing import Final

from kumo.store import answers, keys
from kumo.store.client import Store

# Long enough for a night on a weekend without an importer, short enough that unwanted data does not fill the store.
KEPT_SECONDS: Final = 24 * 3600
# Longer than a request may take. The reservation of a killed web process counts as long as its pieces exist.
RESERVED_SECONDS: Final = 900
MOST_UPLOADS: Final = 1000


@dataclass(frozen=True, slots=True)
class Others:
    """The reservations of other uploads, if there is no room left."""

    bytes: int
    uploads: int


def reserve(store: Store, token: str, size: int, most: int, seconds: int = RESERVED_SECONDS) -> Others | None:
    """Reserve room for an upload, or change its reservation, for this number of seconds.

    Returns the others if they leave no room; an upload that needs no more than it has always succeeds.
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
    """Release the reservation of an upload; do nothing if it was released before."""
    store.client.zrem(keys.UPLOADS_ROOM, f"{token}:{size}")
