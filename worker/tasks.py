"""The functions of jobs: one line each, because the engine does the work."""

from kumo.engine import delivery
from kumo.engine.detection.judge import judge_partition
from kumo.engine.imports import importer
from worker import runtime

# Imports that this process began and could not continue because Redis failed.
_interrupted: set[int] = set()


def judge(partition: int) -> None:
    """Judge the pending arrivals of a partition."""
    judge_partition(runtime.services(), partition)


def notify() -> None:
    """Send the due alerts."""
    delivery.run(runtime.services())


def import_() -> None:
    """Import a waiting upload."""
    importer.work(runtime.services(), runtime.stopping, _interrupted)
