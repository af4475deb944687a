"""Failures of Redis that end by themselves."""

from typing import Final

from redis import exceptions

from kumo.errors import StoreUnavailableError

# Answers of a Redis that cannot serve now although the request is right: full, a replica, loading, busy with a
# script; on a cluster, a slot that moves or that no node holds.
_PASSING: Final = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.AskError,
    exceptions.TryAgainError,
    exceptions.ClusterError,
)
_PASSING_ANSWERS: Final = (
    *("OOM ", "LOADING ", "BUSY ", "READONLY ", "MASTERDOWN ", "MISCONF ", "NOREPLICAS "),
    "RESTORING ",  # from our own scripts, while a restore fills the store
)


def unavailable(error: exceptions.RedisError) -> StoreUnavailableError | None:
    """Return the error for the client if a failure of Redis ends by itself; None for a fault of Kumo."""
    if isinstance(error, _PASSING) or str(error).startswith(_PASSING_ANSWERS):
        return StoreUnavailableError(
            "The store cannot be reached or accepts no writes. Repeating with an Idempotency-Key is safe."
        )
    return None
