"""Every name that Kumo gives a key in Redis; `docs/redis.md` shows them with examples.

All keys of a partition carry its number as hash tag, `{7}`, so that a script that touches several of them works on a
Redis Cluster too. Names ending in a colon are families: the scripts append a series, a block or an id.
"""

from dataclasses import dataclass
from typing import Final

ROOT: Final = "kumo:"

# What may live without a time to live. A guard after every test holds each key against this list.
PERMANENT: Final = (
    "kumo:layout",
    "kumo:keys",
    "kumo:policies",
    "kumo:destination:*",
    "kumo:imports",
    "kumo:imports:number",
    "kumo:imports:bills",
    "kumo:imports:scopes",
    "kumo:uploads",
    "kumo:{*}:seq",
    "kumo:{*}:cursor",
    "kumo:{*}:pending",
    "kumo:{*}:series",
    "kumo:{*}:former",
    "kumo:{*}:recent",
    "kumo:{*}:with:*",
    "kumo:{*}:entries:*",
    "kumo:{*}:moments:*",
    "kumo:{*}:external:*",
    "kumo:{*}:daily:*",
    "kumo:{*}:facts:*",
    "kumo:{*}:verdicts:*",
    "kumo:{*}:open",
    "kumo:{*}:anomaly:*",
    "kumo:{*}:anomalies",
    "kumo:{*}:states",
    "kumo:{*}:evidence:*",
    "kumo:{*}:feedback",
    "kumo:{*}:alert:*",
    "kumo:{*}:alerts",
    "kumo:{*}:due",
    "kumo:{*}:scopes",
    "kumo:{*}:scope:*",
)

LAYOUT: Final = ROOT + "layout"
"""hash, permanent: `version` of this arrangement of keys, number of `partitions`, `born`: a name of its own;
`forgotten_before` (ms) once entries were removed by age; `keyed` once there was an API key, since when nobody is let in
without one."""

API_KEYS: Final = ROOT + "keys"
"""hash, permanent: name of an API key → JSON of its scopes, the SHA-256 of its secret and when it was made."""

POLICIES: Final = ROOT + "policies"
"""hash, permanent: name of a rule → JSON of what it covers and what holds for that. At most 200."""

RATE: Final = ROOT + "rate"
"""prefix of what the limits library keeps, a minute: the requests of each API key."""

IMPORTS: Final = ROOT + "imports"
"""hash, permanent: number of an import → JSON of kumo.domain.imports.Import. One short field an import."""

IMPORT_NUMBER: Final = ROOT + "imports:number"
"""string, permanent: the number of the last import or forgetting. Example: "42"."""

IMPORT_BILLS: Final = ROOT + "imports:bills"
"""hash, permanent: fingerprint of a bill and its choices → number of the import that has it."""

IMPORT_SCOPES: Final = ROOT + "imports:scopes"
"""hash, permanent: scope → which of Azure's two exports it holds, "actual" or "amortized", where that is known."""

UPLOADS: Final = ROOT + "uploads"
"""hash, permanent: number of an import → JSON of kumo.store.uploads.Upload, until the import is over.

One field a bill that waits or is being imported."""

NOTIFY_WAKE: Final = ROOT + "wake:notify"
"""string, seconds: set while a notify job is on its way, so that a storm of alerts enqueues one."""

SWEEP: Final = ROOT + "sweep"
"""string, seconds: the lease of the one worker that sweeps now."""


def destination(name: str) -> str:
    """Return the hash, permanent: what is known of a destination, and which notifier may send to it now."""
    return f"{ROOT}destination:{name}"


def request(digest: str) -> str:
    """Return the string, 24 h: the digest of the body that an Idempotency-Key was first used with."""
    return f"{ROOT}request:{digest}"


def running(digest: str) -> str:
    """Return the string, seconds: the token of the request that works under an Idempotency-Key now."""
    return f"{ROOT}running:{digest}"


def upload_piece(number: int, place: int) -> str:
    """Return the string, a day: at most 1 MiB of the bytes that an import waits for; places count from 0."""
    return f"{ROOT}upload:{number}:{place}"


def upload_lease(number: int) -> str:
    """Return the string, a minute: the token of the importer that works on an upload now."""
    return f"{ROOT}upload:{number}:lease"


def upload_step(number: int) -> str:
    """Return the string, a minute: JSON [phase, done, total], how far the importer has come."""
    return f"{ROOT}upload:{number}:step"


@dataclass(frozen=True, slots=True)
class Partition:
    """The keys of one partition."""

    number: int

    @property
    def _tag(self) -> str:
        return f"{ROOT}{{{self.number}}}:"

    @property
    def seq(self) -> str:
        """String: how many arrivals the partition has numbered. Example: "1042"."""
        return self._tag + "seq"

    @property
    def cursor(self) -> str:
        """String: the last arrival that is judged. Equal to `seq` when nothing is pending."""
        return self._tag + "cursor"

    @property
    def pending(self) -> str:
        """Stream, id `<seq>-0`, field `r`: arrivals to be judged. Bounded by the backlog: judging removes them."""
        return self._tag + "pending"

    @property
    def wake(self) -> str:
        """String, seconds: set while a judge job for this partition is on its way."""
        return self._tag + "wake"

    @property
    def series(self) -> str:
        """Hash: series id → JSON [provider, account, region, service, currency], then the charge category if any."""
        return self._tag + "series"

    @property
    def former(self) -> str:
        """Hash: series id → its JSON, for series whose last entry was taken out: their anomalies still name them."""
        return self._tag + "former"

    @property
    def recent(self) -> str:
        """Sorted set: series id, score the newest timestamp in ms. As many members as series."""
        return self._tag + "recent"

    @property
    def with_(self) -> str:
        """Family of sets, `<field>:<value>`: the series that have this service, this account and so on."""
        return self._tag + "with:"

    @property
    def entries(self) -> str:
        """Family of sorted sets, `<series>`: member `<seq as ten hex digits>:<amount in micros>`, score timestamp ms.

        Bounded by KUMO_RETENTION_DAYS.
        """
        return self._tag + "entries:"

    @property
    def moments(self) -> str:
        """Family of strings, `<series>`: size of the window, n and its limb sums (see kumo.domain.moments)."""
        return self._tag + "moments:"

    @property
    def external(self) -> str:
        """Family of hashes, `<series>`: external id → arrival number of the entry."""
        return self._tag + "external:"

    @property
    def daily(self) -> str:
        """Family of hashes, `<series>:<day // 256>`: field day % 256, value `<entries> <10⁹ micros> <micros>`.

        A day is counted from 1970-01-01. At most 256 short fields, which Redis keeps in its compact encoding.
        """
        return self._tag + "daily:"

    @property
    def facts(self) -> str:
        """Family of hashes, `<seq // 128>`: field seq % 128, value `<amount in micros>[ <JSON of the rest>]`."""
        return self._tag + "facts:"

    @property
    def verdicts(self) -> str:
        """Family of hashes, `<seq // 128>`: field seq % 128, value a packed verdict (kumo.store.codec)."""
        return self._tag + "verdicts:"

    @property
    def open(self) -> str:
        """Hash: series id → id of its open anomaly. As many fields as open anomalies."""
        return self._tag + "open"

    @property
    def anomaly(self) -> str:
        """Family of strings, `<anomaly>`: JSON of kumo.domain.anomalies.Anomaly."""
        return self._tag + "anomaly:"

    @property
    def anomalies(self) -> str:
        """Sorted set: anomaly id, score the timestamp ms of its first entry."""
        return self._tag + "anomalies"

    @property
    def states(self) -> str:
        """Hash: policy's letter and series id → what the policy remembers of it; `1` and series id → its first day."""
        return self._tag + "states"

    @property
    def evidence(self) -> str:
        """Family of strings, `evidence:A`: JSON of what the anomaly A was opened on. Goes with the anomaly."""
        return self._tag + "evidence:"

    @property
    def feedback(self) -> str:
        """Hash: anomaly id → JSON of what people said of it. Bounded by the anomalies."""
        return self._tag + "feedback"

    @property
    def alert(self) -> str:
        """Family of hashes, `<alert>`: `body` (JSON that never changes), state, attempts, due_at, token and so on."""
        return self._tag + "alert:"

    @property
    def alerts(self) -> str:
        """Sorted set: alert id, score the time it was raised in ms."""
        return self._tag + "alerts"

    @property
    def due(self) -> str:
        """Sorted set: id of an alert still to be told, score when it is due in ms."""
        return self._tag + "due"

    @property
    def scopes(self) -> str:
        """Hash: scope → number of the import that has claimed it here. One field a scope that was ever imported."""
        return self._tag + "scopes"

    @property
    def scope(self) -> str:
        """Family of hashes, `<scope>`: `<series>:<start ms>` → `<seq> <import that wrote it> <that changed it>`.

        The entries that a scope holds here: one field each.
        """
        return self._tag + "scope:"

    def once(self, digest: str) -> str:
        """Return the string, 24 h: what a recording call under an Idempotency-Key answered."""
        return f"{self._tag}once:{digest}"
