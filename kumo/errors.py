"""Everything Kumo refuses, as one tree that one place translates to HTTP or an exit code."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field; `index` is the place in a batch, None outside one."""

    field: str
    detail: str
    index: int | None = None

    def __str__(self) -> str:
        """Say it as a person would point at it: `[3].amount: must be finite`; of the whole, only what is wrong."""
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
    """The request contradicts what is stored or runs: another timestamp for an external_id."""


class PreconditionError(KumoError):
    """The thing is not as the request expects it: it was changed since it was read."""


class _FieldsError(KumoError):
    """Shared by the errors that can name the fields at fault."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        """Keep every error, so that the caller can put all of them right at once."""
        self.errors: list[FieldError] = list(errors)
        super().__init__("; ".join(map(str, self.errors)))

    def __reduce__(self) -> tuple[type["_FieldsError"], tuple[list[FieldError]]]:
        """Rebuild from the errors: the default would pass the joined text to the constructor."""
        return type(self), (self.errors,)


class InvalidBodyError(_FieldsError):
    """What a request sends cannot be taken as it is; nothing of it was."""


class InvalidEntryError(InvalidBodyError):
    """An entry cannot be recorded as it was sent; of its batch, nothing was."""


class InvalidQueryError(_FieldsError):
    """A filter, limit or cursor of a reading request makes no sense."""


class InvalidHistoryError(KumoError):
    """A file of past costs cannot be replayed: it says which file, line and column."""


class InvalidExportError(KumoError):
    """A file is no export, not a whole one, or of a newer version: nothing of it was restored."""


class IdempotencyError(KumoError):
    """An Idempotency-Key came back with another body than it was first used with."""


class UnauthenticatedError(KumoError):
    """A request came without an API key where one is needed, or with one that is unknown or revoked."""


class ForbiddenError(KumoError):
    """The API key is good, but lacks the scope for what was asked."""

    def __init__(self, message: str = "This API key may not do that.", key_name: str = "") -> None:
        """Keep whose key it is."""
        self.key_name = key_name
        super().__init__(message)

    def __reduce__(self) -> tuple[type["ForbiddenError"], tuple[str, str]]:
        """Rebuild with the name, which the default would forget."""
        return type(self), (str(self), self.key_name)


class MisdirectedError(KumoError):
    """A request calls this service by a name that is none of its own."""


class CrossSiteError(KumoError):
    """A browser sends the request for a page of another origin, which may not do what it asks."""


class StoreUnavailableError(KumoError):
    """Redis cannot be reached, is loading or refuses writes; the same request may work later."""

    def __init__(self, message: str = "The store cannot be reached.", retry_after: int = 1) -> None:
        """Carry after how many seconds another try makes sense."""
        self.retry_after = retry_after
        super().__init__(message)

    def __reduce__(self) -> tuple[type["StoreUnavailableError"], tuple[str, int]]:
        """Rebuild with the delay, which the default would forget."""
        return type(self), (str(self), self.retry_after)


class NoRoomError(KumoError):
    """Bills that wait for an importer take all the room that there is; the same upload may be taken in later."""

    retry_after = 30


class StoredRowError(KumoError):
    """What stands in the store is not as any version of Kumo writes it; it says at which key, and in which field."""


class StoreUnsafeError(KumoError):
    """The store must not be touched: its layout is another than the code's or its partitions differ."""
