"""Bringing a store to rest: everything judged, combined and folded."""

from kumo.engine import sweep
from kumo.engine.detection import judge
from kumo.engine.totals import census
from kumo.services import Services
from kumo.store import changes, feed


def bring_to_rest(services: Services) -> None:
    """Judge, combine, fold, mark and take the census until nothing is left to do."""
    for _ in range(100):
        sweep.sweep(services)
        for partition in services.store.partitions:
            judge.judge_partition(services, partition.number)
        if census.is_due(services):  # the sweep takes it too, but not twice within half a minute
            census.take(services)
        elif is_at_rest(services):
            sweep.sweep(services)
            if is_at_rest(services):
                return
    raise AssertionError("the store does not come to rest")


def is_at_rest(services: Services) -> bool:
    """Return whether nothing is pending, hinted or unfolded."""
    store = services.store
    return not (sum(feed.backlog(store)) or changes.find_partitions(store) or feed.find_unfolded(store))
