"""Failures of Redis that pass by themselves."""

from typing import Final

from redis import exceptions

from kumo.errors import StoreUnavailableError

# How Redis says that it cannot serve now, though the request is right: full, a replica, loading, busy with a script; of
# a cluster, that a slot is on the move or that nobody holds it.
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
    "RESTORING ",  # of our own scripts, while a restore fills the store
)


def unavailable(error: exceptions.RedisError) -> StoreUnavailableError | None:
    """Return what to tell a client where a failure of Redis passes by itself; None where it is a fault of ours."""
    if isinstance(error, _PASSING) or str(error).startswith(_PASSING_ANSWERS):
        return StoreUnavailableError(
            "The store cannot be reached or takes no writes now. What has an Idempotency-Key can safely be sent again."
        )
    return None
