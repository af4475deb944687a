"""The key names of a partition for the things whose totals are judged: series, and groups that have their home here."""

from abc import abstractmethod


class ThingKeys:
    """The keys of things in one partition."""

    __slots__ = ()

    @property
    @abstractmethod
    def _tag(self) -> str:
        """The beginning of each key of the partition."""

    @property
    def things(self) -> str:
        """Hash: id of a series or group → what the judge of its totals knows (kumo.store.things)."""
        return self._tag + "things"

    @property
    def periods(self) -> str:
        """Family of hashes, `<series or group>:<day // 256>`: field day % 256, value the packed verdict on that day.

        See kumo.store.period_codec.
        """
        return self._tag + "periods:"

    @property
    def unfolded(self) -> str:
        """Sorted set: id of a series or group, score the oldest day since 1970 from which its totals must be folded.

        Bounded by the things there are; empty when nothing is dirty.
        """
        return self._tag + "unfolded"

    @property
    def runs(self) -> str:
        """Hash: series id → how many of its days have begun since one had a second entry, at most seven."""
        return self._tag + "runs"

    @property
    def hours(self) -> str:
        """Family of hashes, `<series>:<day>`, 36 days: field hour of the day, value as in `daily`.

        Only for series whose hours are judged too, and those with so many entries that they may be.
        """
        return self._tag + "hours:"

    @property
    def hourly(self) -> str:
        """Hash: series id → whether its hours are judged too, and their chain (kumo.store.hours)."""
        return self._tag + "hourly"

    @property
    def episodes(self) -> str:
        """Family of sorted sets, `<series or group>`: id of an anomaly, score the number of its last period."""
        return self._tag + "episodes:"

    @property
    def version(self) -> str:
        """String: number of commits and marks; with `cursor` the fence of the judges of this partition."""
        return self._tag + "version"

    @property
    def progress(self) -> str:
        """Hash: currency and compared name of a provider → `<newest day> <1 if from bills, else 0>`.

        One field for each provider and currency with costs here.
        """
        return self._tag + "progress"

    @property
    def rolled(self) -> str:
        """Hash: currency and compared name of a provider → the first running day up to which its things are marked.

        One field for each provider and currency with costs here.
        """
        return self._tag + "rolled"

    @property
    def census(self) -> str:
        """Hash: group id → 1 if it is judged, else 0, by the last census (kumo.engine.totals.census).

        One field for each group that has its home here.
        """
        return self._tag + "census"
