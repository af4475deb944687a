"""What people read of totals: one message for each increase, from the cost to the words."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from kumo.domain.entries import DAY_MS, Entry, Series
from kumo.engine import delivery, ingest
from kumo.engine.queries import lookup
from kumo.notify.slack.message import compose_short
from kumo.services import Services
from tests.conftest import Build
from tests.engine.detection.arrivals import everything
from tests.engine.totals.rest import bring_to_rest
from tests.fakes.slack import FakeSlack

UNIT = 10**6
TODAY = 20_500  # 16 February 2026
SERIES = Series("EC2", "USD", account="prod")
OTHER = Series("S3", "USD", account="prod")

pytestmark = pytest.mark.settings(KUMO_PARTITIONS="4", KUMO_FALSE_ALERTS="0")


class Scene:
    """A store with thirty usual days, and the messages that it would send."""

    def __init__(
        self, build: Build, *series: Series, pieces: int = 1, settings: Mapping[str, str] | None = None
    ) -> None:
        self._built = build(**(settings or {}))
        self.services = self._built
        self.move_to(TODAY)
        for day in range(TODAY - 30, TODAY):
            for one in series:
                self.spend(one, day, 100 + (7 * day) % 5, pieces)
        bring_to_rest(self.services)

    def move_to(self, day: int) -> None:
        """Let it be the middle of a day."""
        now = day * DAY_MS + DAY_MS // 2
        self.services: Services = replace(self._built, clock=lambda: now)

    def spend(self, series: Series, day: int, units: float, pieces: int = 1) -> None:
        """Spend on a day, in so many entries, or restate what was spent."""
        part = round(units * UNIT / pieces)
        entries = [
            Entry(series, part, day * DAY_MS + number, external_id=f"{day} {number}") for number in range(pieces)
        ]
        ingest.ingest(self.services, entries)

    def hear(self, day: int, units: float, pieces: int = 1) -> list[str]:
        """Spend, and return the new messages."""
        before = set(self._read())
        self.move_to(max(day, TODAY))
        self.spend(SERIES, day, units, pieces)
        bring_to_rest(self.services)
        return [text for name, text in self._read().items() if name not in before]

    def _read(self) -> dict[str, str]:
        rows = lookup.list_alerts(self.services, everything()).rows
        texts = {row.id: str(compose_short([row], "")["text"]) for row in reversed(rows)}
        return {name: text.split(" · /dashboard/")[0] for name, text in texts.items()}


@pytest.fixture
def scene(build: Build) -> Scene:
    return Scene(build, SERIES)


def test_a_spike_is_one_message_however_often_it_is_restated(scene: Scene) -> None:
    [text] = scene.hear(TODAY, 400)
    assert text == (
        "Cost jumped · EC2 · prod · 400.00 USD on 2026-02-16 (the day is not over), where 102.05 USD is usual:"
        " 297.95 USD above (+292%)"
    )
    assert [scene.hear(TODAY, 400 + number) for number in range(20)] == [[]] * 20
    assert scene.hear(TODAY + 1, 101) == []


def test_a_day_that_grows_is_told_when_it_is_above_the_limit_and_at_twice_the_excess(scene: Scene) -> None:
    heard = [scene.hear(TODAY, units) for units in (40, 80, 100, 200, 250, 290, 310)]
    assert [len(texts) for texts in heard] == [0, 0, 0, 1, 0, 0, 1]
    assert heard[6][0].startswith("Getting worse · EC2 · prod · 310.00 USD on 2026-02-16 (the day is not over), where ")


def test_a_shift_that_lasts_is_one_message(scene: Scene) -> None:
    heard = [scene.hear(day, 185) for day in range(TODAY, TODAY + 5)]
    assert [len(texts) for texts in heard] == [1, 0, 0, 0, 0]


def test_what_is_corrected_before_anybody_has_seen_it_is_no_message(scene: Scene) -> None:
    [opened] = scene.hear(TODAY, 400)
    assert "400.00 USD" in opened
    assert scene.hear(TODAY, 101) == []


def test_what_was_sent_and_is_corrected_is_withdrawn(build: Build) -> None:
    with FakeSlack() as slack:
        scene = Scene(build, SERIES, settings={"SLACK_WEBHOOK_URL": slack.url})
        scene.hear(TODAY, 400)
        delivery.send_due(scene.services)
        [text] = scene.hear(TODAY, 101)
    assert text == (
        "Withdrawn: the cost was corrected · EC2 · prod · 101.00 USD on 2026-02-16 (the day is not over) after"
        " correction, where 102.05 USD is usual"
    )


def test_an_alert_about_a_series_says_when_its_cost_arrived(scene: Scene) -> None:
    scene.hear(TODAY, 400)
    [alert] = lookup.list_alerts(scene.services, everything()).rows
    assert alert.created_at - 60_000 < alert.arrived_at <= alert.created_at


def test_what_is_new_has_its_own_words(build: Build) -> None:
    scene = Scene(build, SERIES)
    scene.spend(Series("Bedrock", "USD", account="prod"), TODAY, 60)
    heard = scene.hear(TODAY, 100)
    news = "New spend · Bedrock · 60.00 USD on 2026-02-16 (the day is not over), where nothing was spent before"
    assert [text for text in heard if "Bedrock" in text] == [news]


def test_a_leak_of_many_small_costs_is_one_message(build: Build) -> None:
    scene = Scene(build, SERIES, pieces=20)
    [text] = scene.hear(TODAY, 800, pieces=160)
    assert text.startswith("Cost jumped · EC2 · prod · 800.00 USD on 2026-02-16 (the day is not over), where 102.")


def test_several_series_that_rise_together_are_told_as_their_account_too(build: Build) -> None:
    scene = Scene(build, SERIES, OTHER)
    scene.spend(OTHER, TODAY, 140)
    heard = scene.hear(TODAY, 140)
    groups = sorted(text.split(" · ")[1] for text in heard if "280.00 USD on 2026-02-16" in text)
    assert groups == ["account prod", "all costs in USD", "costs with no provider", "costs with no region"]
