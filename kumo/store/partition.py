"""The key names of one partition: they share its hash tag, so one script may use several of them."""

from dataclasses import dataclass

from kumo.store.group_keys import GroupKeys
from kumo.store.keys import ROOT
from kumo.store.thing_keys import ThingKeys


@dataclass(frozen=True, slots=True)
class Partition(GroupKeys, ThingKeys):
    """The keys of one partition."""

    number: int

    @property
    def _tag(self) -> str:
        return f"{ROOT}{{{self.number}}}:"

    @property
    def seq(self) -> str:
        """String: number of the last arrival of the partition. Example: "1042"."""
        return self._tag + "seq"

    @property
    def cursor(self) -> str:
        """String: number of the last judged arrival. Equal to `seq` when nothing is pending."""
        return self._tag + "cursor"

    @property
    def pending(self) -> str:
        """Stream, id `<seq>-0`, fields `r` and `t`: pending arrivals, with the ms of each arrival.

        Those of bills have a field `i`. Bounded by the backlog: judging removes them.
        """
        return self._tag + "pending"

    @property
    def moved(self) -> str:
        """String: entries up to this number came from a store with other partitions; they have places by series.

        Absent if there are none (see kumo.store.blocks).
        """
        return self._tag + "moved"

    @property
    def closed(self) -> str:
        """String: set during a restore. Nothing is recorded then."""
        return self._tag + "closed"

    @property
    def wake(self) -> str:
        """String, seconds: set while a judge job for this partition is queued."""
        return self._tag + "wake"

    @property
    def series(self) -> str:
        """Hash: series id → JSON [names as first spelled, names as compared, ids of its groups].

        The names are provider, account, region, service, currency, then the charge category if any.
        """
        return self._tag + "series"

    @property
    def former(self) -> str:
        """Hash: series id → its JSON, for series whose last entry was removed: their anomalies still name them."""
        return self._tag + "former"

    @property
    def recent(self) -> str:
        """Sorted set: series id, score the newest timestamp in ms. As many members as series."""
        return self._tag + "recent"

    @property
    def with_(self) -> str:
        """Family of sets, `<field>:<compared value>`: the series with this service, account and so on."""
        return self._tag + "with:"

    @property
    def entries(self) -> str:
        """Family of sorted sets, `<series>`: member `<seq as ten hex digits>:<amount in micros>`, score timestamp ms.

        Bounded by KUMO_RETENTION_DAYS.
        """
        return self._tag + "entries:"

    @property
    def moments(self) -> str:
        """Family of strings, `<series>`: configured window size, n and its limb sums (see kumo.domain.moments)."""
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
    def retention(self) -> str:
        """String: ms, the start of a day; the retention may have removed entries before it. It only grows."""
        return self._tag + "retention"

    @property
    def importing(self) -> str:
        """Hash, a week: number of a running import → `<start of its first day, ms> <ms of its claim>`."""
        return self._tag + "importing"

    @property
    def details(self) -> str:
        """Family of hashes, `<seq // 128>`: field seq % 128, value `<amount in micros>[ <JSON of the rest>]`.

        For moved entries: `<series>:<seq // 1024>`, field seq % 1024 (see kumo.store.blocks).
        """
        return self._tag + "details:"

    @property
    def verdicts(self) -> str:
        """Family of hashes, in the same places as details: packed verdicts (kumo.store.codec)."""
        return self._tag + "verdicts:"

    @property
    def judged(self) -> str:
        """Family of sorted sets, `<status>:<series>`: the entries with verdict anomaly or learning.

        Member `<seq as ten hex digits>:`, score timestamp ms. Normal entries are the majority and are only in
        `entries`.
        """
        return self._tag + "judged:"

    @property
    def newest(self) -> str:
        """Family of sorted sets, `<status>`: the series with entries judged normal, or an anomaly.

        Score a time in ms that is not before any of these entries. Every series begins with learning, so that needs no
        set.
        """
        return self._tag + "newest:"

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
    def anomalies_in(self) -> str:
        """Family of sorted sets, `<status>`: ids of the anomalies in that status, score as in `anomalies`."""
        return self._tag + "anomalies:"

    @property
    def states(self) -> str:
        """Hash: letter of a detector and series id → its state."""
        return self._tag + "states"

    @property
    def evidence(self) -> str:
        """Family of strings, `evidence:A`: JSON of the evidence of anomaly A. Removed with the anomaly."""
        return self._tag + "evidence:"

    @property
    def feedback(self) -> str:
        """Hash: anomaly id → JSON of its feedback. Bounded by the anomalies."""
        return self._tag + "feedback"

    @property
    def alert(self) -> str:
        """Family of hashes, `<alert>`: `body` (JSON that never changes), destination, status, due_at and so on."""
        return self._tag + "alert:"

    @property
    def alerts(self) -> str:
        """Sorted set: alert id, score the time it was raised in ms."""
        return self._tag + "alerts"

    @property
    def alerts_in(self) -> str:
        """Family of sorted sets, `<status>`: ids of the alerts of that status, score the ms when each was raised."""
        return self._tag + "alerts:"

    @property
    def delivery(self) -> str:
        """Hash: upper bound in ms, or "+Inf" → how many alerts were sent within it after the arrival; `sum` of the ms.

        Bounded by the bounds there are.
        """
        return self._tag + "delivery"

    @property
    def destinations(self) -> str:
        """Set: names of the destinations with alerts that are not sent yet. At most one member for each destination."""
        return self._tag + "destinations"

    @property
    def due(self) -> str:
        """Family of sorted sets, `<destination>`: id of an alert that is not sent yet, score the ms when it is due."""
        return self._tag + "due:"

    @property
    def scopes(self) -> str:
        """Hash: scope → number of the import that has claimed it here. One field for each imported scope."""
        return self._tag + "scopes"

    @property
    def scope(self) -> str:
        """Family of hashes, `<scope>`: `<series>:<start ms>` → `<seq> <import that wrote it> <import that changed it>`.

        One field for each entry of the scope here.
        """
        return self._tag + "scope:"

    @property
    def once(self) -> str:
        """Family of strings, `<digest>`, 24 h: the answer of a recording call under an Idempotency-Key."""
        return self._tag + "once:"
