"""The engine's own tests on a cluster: recording, judging, delivering, uploading, on this folder's `build`."""

# ruff: noqa: F403, F821 - whatever tests there are
import inspect

from tests.engine.detection.test_judge import *
from tests.engine.imports.test_uploads import *
from tests.engine.test_delivery import *
from tests.engine.test_ingest import *

# A clock that a test holds is one key, which no script of a cluster may read beside those of a partition. Delivering by
# a cluster's own clock is in test_outbox.py and test_line.py.
for name, value in list(globals().items()):
    if name.startswith("test_") and "StoreClock(" in inspect.getsource(value):
        del globals()[name]

# These two need what a cluster does not offer: the queues, and the number of keys.
del test_a_burst_asks_for_one_job_a_partition
del test_a_slice_that_another_judge_committed_changes_nothing
