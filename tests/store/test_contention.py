"""Each script under contention: rivals run it at once on a real server, and its invariant holds.

A script without a scene fails a test; so does a scene that does not notice a script without its safeguard.
"""

from typing import Final

import pytest
from redis.exceptions import ResponseError

from tests.store.contention import arrivals, others, outbox, reads, sharing, totals
from tests.store.contention.stage import Scene, Stage
from tests.store.test_signatures import SCRIPTS

pytestmark = pytest.mark.server  # fakeredis cannot race

SCENES: Final[dict[str, Scene]] = (
    arrivals.SCENES | sharing.SCENES | outbox.SCENES | reads.SCENES | others.SCENES | totals.SCENES
)


def test_each_script_has_a_scene() -> None:
    assert sorted(SCENES) == SCRIPTS


@pytest.mark.parametrize("script", SCENES)
def test_what_a_script_promises_holds_under_contention(redis_url: str, script: str) -> None:
    on = Stage(redis_url)
    SCENES[script].play(on)
    assert len(on.seen[script]) > 1, "Only one thread ran it."


@pytest.mark.parametrize("script", SCENES)
def test_the_scene_notices_a_script_without_its_safeguard(redis_url: str, script: str) -> None:
    scene = SCENES[script]
    with pytest.raises((AssertionError, ResponseError)):
        scene.play(Stage(redis_url, {script: scene.safeguard}))
