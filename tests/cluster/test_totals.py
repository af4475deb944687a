"""Combining, marking and folding totals on a cluster, on this folder's `build`: no script may cross slots."""

# ruff: noqa: F403, F821 - whatever tests there are
from tests.engine.totals.test_combining import *
from tests.engine.totals.test_marking import *
from tests.engine.totals.test_slices import *

# It empties the store many times, which the client of a cluster does not offer.
del test_verdicts_and_states_of_totals_follow_from_the_totals_alone
