"""All names of keys in Redis except those of a partition; `docs/redis.md` shows them with examples.

All keys of a partition have its number as hash tag, `{7}`, so that a script with several of them also works on a
Redis Cluster. Names that end in a colon are families: the scripts append a series, a block or an id.
"""

from typing import Final

ROOT: Final = "kumo:"

# The keys that may have no time to live. A check after every test compares each key with this list.
PERMANENT: Final = (
    "kumo:layout",
    "kumo:keys",
    "kumo:policies",
    "kumo:destination:*",
    "kumo:imports",
    "kumo:imports:number",
    "kumo:imports:bills",
    "kumo:imports:scopes",
    "kumo:imports:accounts:*",
    "kumo:imports:account:*",
    "kumo:imports:ended:{kumo:imports}",
    "kumo:uploads",
    "kumo:requests",
    "kumo:workers",
    "kumo:swept",
    "kumo:fleet",
    "kumo:census",
    "kumo:{*}:seq",
    "kumo:{*}:cursor",
    "kumo:{*}:moved",
    "kumo:{*}:closed",
    "kumo:{*}:pending",
    "kumo:{*}:series",
    "kumo:{*}:former",
    "kumo:{*}:recent",
    "kumo:{*}:with:*",
    "kumo:{*}:entries:*",
    "kumo:{*}:moments:*",
    "kumo:{*}:external:*",
    "kumo:{*}:daily:*",
    "kumo:{*}:shares:*",
    "kumo:{*}:changed",
    "kumo:{*}:groups:*",
    "kumo:{*}:members",
    "kumo:{*}:tagsets:*",
    "kumo:{*}:units",
    "kumo:{*}:retention",
    "kumo:{*}:things",
    "kumo:{*}:periods:*",
    "kumo:{*}:unfolded",
    "kumo:{*}:runs",
    "kumo:{*}:hourly",
    "kumo:{*}:episodes:*",
    "kumo:{*}:version",
    "kumo:{*}:progress",
    "kumo:{*}:rolled",
    "kumo:{*}:census",
    "kumo:{*}:details:*",
    "kumo:{*}:verdicts:*",
    "kumo:{*}:judged:*",
    "kumo:{*}:newest:*",
    "kumo:{*}:open",
    "kumo:{*}:anomaly:*",
    "kumo:{*}:anomalies",
    "kumo:{*}:anomalies:*",
    "kumo:{*}:states",
    "kumo:{*}:evidence:*",
    "kumo:{*}:feedback",
    "kumo:{*}:alert:*",
    "kumo:{*}:alerts",
    "kumo:{*}:alerts:*",
    "kumo:{*}:delivery",
    "kumo:{*}:destinations",
    "kumo:{*}:due:*",
    "kumo:{*}:scopes",
    "kumo:{*}:scope:*",
)

LAYOUT: Final = ROOT + "layout"
"""hash, permanent: `version` of this layout, number of `partitions`; `born`: a random name of the store;
`passes`: how many sweeps looked for entries past the retention; `keyed` once an API key has
existed, after which every request needs one; `restoring` during a restore
(kumo.store.restore_mark); `shared` once every series is part of the totals of its groups
(kumo.store.groups); `tagged`: JSON of the keys of tags for which every entry is part of the totals of
groups; `skipped`: how far numbers are ahead of the count of arrivals after restores
(kumo.store.arrival_numbers)."""

SHARED: Final = "shared"
TAGGED: Final = "tagged"

API_KEYS: Final = ROOT + "keys"
"""hash, permanent: name of an API key → JSON of its scopes, the SHA-256 of its secret and its time of creation."""

POLICIES: Final = ROOT + "policies"
"""hash, permanent: name of a policy → JSON of its filter and its values. At most 200."""

RATE: Final = ROOT + "rate"
"""prefix of the keys of the limits library, for a minute: the requests of each API key."""

WORKERS: Final = ROOT + "workers"
"""hash, permanent, a field for each kind of worker: judge, notifier or importer → ms of its last heartbeat."""

REQUESTS: Final = ROOT + "requests"
"""hash in the broker, permanent: `n` or `us`, method, status, bound, route → number of requests, or their µs.

Bounded by the number of routes: unknown methods and unknown routes are one each."""

IMPORTS: Final = ROOT + "imports"
"""hash, permanent: number of an import → JSON of kumo.domain.imports.Import. One short field for each import."""

IMPORTS_ENDED: Final = ROOT + "imports:ended:{kumo:imports}"
"""hash, permanent: final state of imports → number of imports that ended in it. At most three fields.

Its hash tag puts it on the node of IMPORTS, so that one script may write both."""

IMPORT_NUMBER: Final = ROOT + "imports:number"
"""string, permanent: the number of the last import, or of the last forgetting of one. Example: "42"."""

IMPORT_BILLS: Final = ROOT + "imports:bills"
"""hash, permanent: fingerprint of a bill and its options → number of its import."""

IMPORT_SCOPES: Final = ROOT + "imports:scopes"
"""hash, permanent: scope → "actual" or "amortized", the kind of Azure's export, if known."""

UPLOADS: Final = ROOT + "uploads"
"""hash, permanent: number of an import → JSON of kumo.store.uploads.Upload, until the import has ended.

One field for each bill that waits or is being imported."""

UPLOADS_ROOM: Final = ROOT + "uploads:room"
"""sorted set, as long as its last member counts: TOKEN:BYTES of each upload, scored by the ms since 1970 until when
it counts. At most a thousand."""

NOTIFY_WAKE: Final = ROOT + "wake:notify"
"""string, seconds: set while a notify job is queued, so that many alerts enqueue only one."""

SWEEP: Final = ROOT + "sweep"
"""string, seconds: the lease of the worker that sweeps now."""

SWEPT: Final = ROOT + "swept"
"""hash, permanent: number of a partition → ms before which no entry is left to remove.

One field for each partition."""

FLEET: Final = ROOT + "fleet"
"""hash, permanent: currency → JSON of kumo.domain.worth.FleetDay, what its judged things spend together.

A cache that is renewed once a day. One field for each currency."""

CENSUS: Final = ROOT + "census"
"""string, permanent: the day since 1970 on which the census was taken last."""

CENSUS_LEASE: Final = ROOT + "census:lease"
"""string, minutes: the lease of the worker that takes the census now."""


def bill_accounts(bill: str) -> str:
    """Return the hash, permanent: scope → JSON of it, for all accounts of a bill in one period."""
    return f"{ROOT}imports:accounts:{bill}"


def account_scopes(account: str) -> str:
    """Return the hash, permanent: scope → JSON of it, for scopes that may hold costs of an account."""
    return f"{ROOT}imports:account:{account}"


def destination(name: str) -> str:
    """Return the hash, permanent: how a destination stands, and the lease of the notifier that sends to it now."""
    return f"{ROOT}destination:{name}"


def request(digest: str) -> str:
    """Return the string, 24 h: the digest of the first body under an Idempotency-Key."""
    return f"{ROOT}request:{digest}"


def running(digest: str) -> str:
    """Return the string, seconds: the token of the request that works under an Idempotency-Key now."""
    return f"{ROOT}running:{digest}"


def upload_piece(number: int, place: int) -> str:
    """Return the string, a day: at most 1 MiB of the bytes of an import; places count from 0."""
    return f"{ROOT}upload:{number}:{place}"


def upload_lease(number: int) -> str:
    """Return the string, a minute: the token of the importer that works on an upload now."""
    return f"{ROOT}upload:{number}:lease"


def upload_tries(number: int) -> str:
    """Return the string, a day: how many importers began an upload without ending it."""
    return f"{ROOT}upload:{number}:tries"


def upload_delay(number: int) -> str:
    """Return the string, a day: JSON [detail, times], why an upload was deferred, and how often."""
    return f"{ROOT}upload:{number}:delay"


def upload_pause(number: int) -> str:
    """Return the string, minutes: set while an upload is deferred."""
    return f"{ROOT}upload:{number}:pause"


def upload_withdrawn(number: int) -> str:
    """Return the string, a day: set if somebody forgot an upload before its import ended."""
    return f"{ROOT}upload:{number}:withdrawn"


def upload_step(number: int) -> str:
    """Return the string, a minute: JSON [phase, done, total], the progress of the importer."""
    return f"{ROOT}upload:{number}:step"
