"""A restored store gives the same answers as the exported one, and judges later entries alike."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kumo.domain.feedback import Word
from kumo.services import Services
from kumo.store.export_table import TABLE, Way
from tests.clients import client_of
from tests.conftest import Build
from tests.engine.detection.arrivals import arrivals
from tests.engine.ops.moving import (
    Step,
    answers,
    carried,
    configure,
    export,
    happen,
    have_everything,
    have_past,
    restore,
    verdicts_to_come,
)
from tests.engine.totals.rest import bring_to_rest

Open = Callable[[int, int], FlaskClient]

costs = st.tuples(st.integers(0, 8), st.sampled_from(["EC2", "S3"]), st.sampled_from([10, 10.1, 11, 900, -5]))
steps = st.builds(
    Step,
    sent=st.lists(arrivals, max_size=15).map(tuple),
    bill=st.lists(costs, max_size=12, unique_by=lambda cost: cost[:2]).map(tuple),
    forgotten=st.one_of(st.none(), st.integers(0, 3)),
    said=st.one_of(st.none(), st.tuples(st.integers(0, 3), st.sampled_from(list(Word)))),
    swept=st.sampled_from([None, None, None, 0, 8, 11]),
    delivered=st.booleans(),
)
histories = st.lists(steps, min_size=1, max_size=4)
# Shrinking replays the whole for minutes.
on_databases = settings(
    deadline=None,
    max_examples=5,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def open_(build: Build, redis_url: str) -> Iterator[Open]:
    """Return a function that serves a Kumo with its own database and this number of partitions."""
    with ExitStack() as clients:

        @cache
        def opened(database: int, partitions: int) -> FlaskClient:
            at = {"REDIS_URL": f"{redis_url}?db={database}", "KUMO_PARTITIONS": str(partitions), "KUMO_AUTH": "off"}
            services = build(**at, KUMO_WINDOW="12", KUMO_DETECTOR="adaptive")
            return clients.enter_context(client_of(services))

        yield opened


def of(client: FlaskClient) -> Services:
    found: Services = client.application.extensions["kumo"]
    return found


@on_databases
@given(history=histories, partitions=st.sampled_from([1, 3, 4, 16]))
def test_any_history_answers_the_same_wherever_it_is_restored(
    open_: Open, tmp_path: Path, history: list[Step], partitions: int
) -> None:
    source = open_(0, partitions)
    of(source).store.client.flushall()
    configure(of(source))
    have_past(of(source))
    for step in history:
        happen(of(source), step)
    bring_to_rest(of(source))
    export(of(source), tmp_path / "export")
    expected = answers(source)
    targets = [open_(1, partitions), open_(2, 1), open_(3, 16), open_(4, 64)]
    for target in targets:
        restore(of(target), tmp_path / "export")
        bring_to_rest(of(target))
        assert answers(target) == expected
    said = [verdicts_to_come(of(each)) for each in (source, *targets)]
    assert said == [said[0]] * len(said)


@on_databases
@given(history=histories)
def test_a_store_that_is_moved_again_and_again_answers_the_same(
    open_: Open, tmp_path: Path, history: list[Step]
) -> None:
    source = open_(0, 16)
    of(source).store.client.flushall()
    have_past(of(source))
    # Each is filled from the one before and gets its own entries: numbers of three stores meet in one partition.
    for database, (partitions, step) in enumerate(zip((5, 1, 7, 14, 2), [*history, *[Step()] * 5], strict=False), 1):
        happen(of(source), step)
        verdicts_to_come(of(source))
        bring_to_rest(of(source))
        export(of(source), tmp_path / "export")
        target = open_(database, partitions)
        restore(of(target), tmp_path / "export")
        bring_to_rest(of(target))
        assert answers(target) == answers(source)
        source = target


def test_with_as_many_partitions_every_key_is_the_same(open_: Open, tmp_path: Path) -> None:
    source, target = of(open_(0, 3)), of(open_(1, 3))
    have_everything(source)
    export(source, tmp_path / "export")
    restore(target, tmp_path / "export")
    there = carried(source)
    carries = [name for name, row in TABLE.items() if row.way in {Way.BEFORE, Way.AFTER, Way.SERIES, Way.PARTITION}]
    missing = [name for name in carries if not any(fnmatchcase(key, name) for key in there)]
    assert missing == ["kumo:{*}:moved"], "have_everything must have something of each key"
    assert carried(target) == there
