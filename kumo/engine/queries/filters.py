"""Which anomalies and alerts the filters of a list find: by the series, the group, or the tags of their entries."""

from collections.abc import Mapping, Sequence
from typing import Final

from kumo.domain.anomalies import find_first_period
from kumo.domain.entries import ENTRY_ID_LENGTH, Series, parse_entry_id
from kumo.domain.names import is_same_name
from kumo.engine.queries import listing
from kumo.engine.queries.views import Query
from kumo.services import Services
from kumo.store import entries, series, timeline

# Entries of a day whose tags are looked at for an anomaly of a total.
MOST_OF_A_DAY: Final = 100


def find_candidates(services: Services, things: Mapping[str, str], query: Query) -> tuple[list[str], dict[str, Series]]:
    """Return which anomalies or alerts may match, and the series that they are about, by id.

    `things` has the id of the series or group of each, empty for none. Those of series match; whether those of groups
    do is known by their rows (`kumo.domain.subjects.is_fixed`).
    """
    known = series.identities(services.store, [thing for thing in things.values() if thing]) | {"": Series("", "")}
    of_series = [name for name, thing in things.items() if thing in known and _has_fields(known[thing], query)]
    tagged = set(of_series if not query.tags else _match_tags(services, of_series, query.tags))
    return [name for name, thing in things.items() if name in tagged or thing not in known], known


def _has_fields(one: Series, query: Query) -> bool:
    return all(is_same_name(getattr(one, name), value) for name, value in query.series.items())


def _match_tags(services: Services, names: Sequence[str], tags: Mapping[str, str]) -> list[str]:
    """Return those anomalies or alerts of which the entry, or one of the day of the total, has the wanted tags."""
    opened = {name: place for name in names if (place := parse_entry_id(name[:ENTRY_ID_LENGTH]))}
    days = {
        name: (place[0], day)
        for name, place in opened.items()
        if (day := find_first_period(name[:ENTRY_ID_LENGTH])) is not None
    }
    found = timeline.read_days(services.store, list(days.values()), MOST_OF_A_DAY) if days else {}
    wanted = {name: [place] for name, place in opened.items() if name not in days}
    wanted |= {name: [(place.series_id, place.seq) for place in found[day]] for name, day in days.items()}
    asked = [(name, place) for name, places in wanted.items() for place in places]
    labels = entries.labels(services.store, [place for _, place in asked])
    has = listing.tag_filter(tags)
    matching = {name for (name, _), each in zip(asked, labels, strict=True) if has(each)}
    return [name for name in names if name in matching]
