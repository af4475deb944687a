"""How much is measured: all of it, quickly, or just enough to see that the harness works."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """The sizes of one run; `repeats` names how often a server's own time is taken for one average."""

    rounds: int
    seconds: float  # that a rate is taken over
    history: int  # entries in a large store, or in one long series
    series: int  # in a store of many
    backlog: int  # entries that wait to be judged
    batch: int  # entries that a round of batches records
    jobs: int  # RQ jobs, if each entry had one
    samples: int  # latencies that a percentile is taken of
    repeats: int
    bill: int  # bytes of a bill
    short: int = 1_000  # entries in a short series
    every_setting: bool = True  # of gunicorn, and of keys and workers beside it


FULL: Final = Size(
    rounds=5,
    seconds=4.0,
    history=1_000_000,
    series=100_000,
    backlog=200_000,
    batch=100_000,
    jobs=1_000,
    samples=100,
    repeats=500,
    bill=1 << 30,
)
QUICK: Final = Size(
    rounds=5,
    seconds=1.5,
    history=100_000,
    series=10_000,
    backlog=50_000,
    batch=40_000,
    jobs=300,
    samples=25,
    repeats=200,
    bill=64 << 20,
)
MINUTE: Final = Size(
    rounds=1,
    seconds=0.1,
    history=400,
    series=40,
    backlog=400,
    batch=400,
    jobs=5,
    samples=1,
    repeats=2,
    bill=1 << 18,
    short=200,
    every_setting=False,
)
