"""The engine's own tests on a cluster: recording, judging, delivering, uploading, on this folder's `build`."""

# ruff: noqa: F403, F821 - whatever tests there are
from tests.engine.test_deliver import *
from tests.engine.test_ingest import *
from tests.engine.test_judge import *
from tests.engine.test_uploads import *

# These two ask the store for what a cluster has no one to tell: the queues, and how many keys there are.
del test_a_burst_asks_for_one_job_a_partition
del test_a_slice_that_another_judge_committed_changes_nothing
