"""What a job does: one line each, since the work is the engine's."""

from kumo.engine import delivery
from kumo.engine.detection import judge as judging
from kumo.engine.imports import importer
from worker import runtime

# Imports that this process began, and could not go on with since Redis failed.
_broken_off: set[int] = set()


def judge(partition: int) -> None:
    """Judge what is pending in a partition."""
    judging.run(runtime.services(), partition)


def notify() -> None:
    """Send the alerts that are due."""
    delivery.run(runtime.services())


def import_() -> None:
    """Import an upload that waits."""
    importer.work(runtime.services(), runtime.stopping, _broken_off)
