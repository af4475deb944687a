"""The key names of a partition for groups: what its series add to them, and hints of what has changed."""

from abc import abstractmethod


class GroupKeys:
    """The keys of groups in one partition."""

    __slots__ = ()

    @property
    @abstractmethod
    def _tag(self) -> str:
        """The beginning of each key of the partition."""

    @property
    def shares(self) -> str:
        """Family of hashes, `<group>:<day // 256>`: what the series of this partition add to the days of a group.

        Field day % 256, value as in `daily`; `x` before the field: of costs that are no usage, such as tax.
        """
        return self._tag + "shares:"

    @property
    def changed(self) -> str:
        """Sorted set: hints for the homes of groups, where these are combined (kumo.store.changes).

        Member `<group>:<day>` for recent days, `<group>:b<day // 256>` for older ones. Score: 2⁴² times the number of
        the home, plus that of the last arrival that changed the shares here, or 2⁴¹ and more by the clock.
        """
        return self._tag + "changed"

    @property
    def groups(self) -> str:
        """Family of hashes, `<dimension>`: id of a group with series here → JSON [currency, names of its value]."""
        return self._tag + "groups:"

    @property
    def members(self) -> str:
        """Hash: group id → how many series of this partition are in it.

        Also `<group id> <group id of a provider>` → how many of them are of that provider.
        """
        return self._tag + "members"

    @property
    def tagsets(self) -> str:
        """Family of hashes, `<series>`: the tag sets of its entries (lua/parts/tag_sets.lua)."""
        return self._tag + "tagsets:"

    @property
    def units(self) -> str:
        """Hash: JSON of a unit of quantities, as spelled → its code (kumo.domain.totals.amounts)."""
        return self._tag + "units"
