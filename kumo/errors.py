"""All errors that Kumo raises on purpose, in one tree. One place translates them to HTTP or an exit code."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in one field; `index` is the entry's place in a batch, None outside a batch."""

    field: str
    detail: str
    index: int | None = None

    def __str__(self) -> str:
        """Write it as `[3].amount: must be finite`; for a fault of the whole body, only the detail."""
        place = "" if self.index is None else f"[{self.index}]"
        where = ".".join(filter(None, (place, self.field)))
        return f"{where}: {self.detail}" if where else self.detail


class KumoError(Exception):
    """Base of every error that Kumo raises on purpose; anything else is a bug."""


class SettingsError(KumoError):
    """A setting is unknown or has a value that is not allowed; nothing has started yet."""


class NotFoundError(KumoError):
    """The entry, series, anomaly or alert asked for does not exist."""


class ConflictError(KumoError):
    """The request contradicts stored data or a running request, such as another timestamp for an external_id."""


class PreconditionError(KumoError):
    """The object has changed since the client read it."""


class _FieldsError(KumoError):
    """Base of the errors that can name the wrong fields."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        """Keep every error, so that the caller can correct all of them at once."""
        self.errors: list[FieldError] = list(errors)
        super().__init__("; ".join(map(str, self.errors)))

    def __reduce__(self) -> tuple[type["_FieldsError"], tuple[list[FieldError]]]:
        """Rebuild from the errors: the default passes the joined text to the constructor."""
        return type(self), (self.errors,)


class InvalidBodyError(_FieldsError):
    """The body of a request cannot be accepted; nothing of it was stored."""


class InvalidEntryError(InvalidBodyError):
    """An entry cannot be recorded; nothing of its batch was recorded."""


class InvalidQueryError(_FieldsError):
    """A filter, limit or cursor of a request is invalid."""


class InvalidHistoryError(KumoError):
    """A file of past costs cannot be replayed; the message names file, line and column."""


class InvalidExportError(KumoError):
    """A file is not an export, is incomplete, or has a newer version; nothing of it was restored."""


class IdempotencyError(KumoError):
    """An Idempotency-Key was used before with another body."""


class UnauthenticatedError(KumoError):
    """A request has no API key although one is needed, or an unknown or revoked one."""


class ForbiddenError(KumoError):
    """The API key is valid, but lacks the scope for this request."""

    def __init__(self, message: str = "This API key lacks the scope for this request.", key_name: str = "") -> None:
        """Keep the name of the key."""
        self.key_name = key_name
        super().__init__(message)

    def __reduce__(self) -> tuple[type["ForbiddenError"], tuple[str, str]]:
        """Rebuild with the name, which the default would lose."""
        return type(self), (str(self), self.key_name)


class MisdirectedError(KumoError):
    """A request uses a host name that is not one of this service."""


class CrossSiteError(KumoError):
    """A browser sends the request for a page of another origin that may not do this."""


class StoreUnavailableError(KumoError):
    """Redis cannot be reached, is loading or refuses writes. The same request may succeed later."""

    def __init__(self, message: str = "The store cannot be reached.", retry_after: int = 1) -> None:
        """Keep the number of seconds after which to try again."""
        self.retry_after = retry_after
        super().__init__(message)

    def __reduce__(self) -> tuple[type["StoreUnavailableError"], tuple[str, int]]:
        """Rebuild with the delay, which the default would lose."""
        return type(self), (str(self), self.retry_after)


class NoRoomError(KumoError):
    """Waiting bills take all the allowed room. The same upload may be accepted later."""

    retry_after = 30


class StoredRowError(KumoError):
    """A stored row has a form that no version of Kumo writes; the message names key and field."""


class StoreUnsafeError(KumoError):
    """The store must not be used: its layout or its number of partitions differs from those of this version."""
