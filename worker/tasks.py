"""What a job does: one line each, since the work is the engine's."""

from kumo.engine import deliver, uploads
from kumo.engine import judge as judging
from worker import runtime


def judge(partition: int) -> None:
    """Judge what is pending in a partition."""
    judging.run(runtime.services(), partition)


def notify() -> None:
    """Tell what is due."""
    deliver.run(runtime.services())


def import_() -> None:
    """Import an upload that waits."""
    uploads.work(runtime.services(), runtime.stopping)
