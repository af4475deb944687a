"""A channel is a row of the registry: everything else works with any of them."""

from kumo.notify import registry
from kumo.notify.registry import KINDS
from kumo.settings import Settings
from tests.fakes.slack import FakeSlack
from tests.notify import second


def test_without_settings_there_is_no_channel_and_alerts_wait_for_the_first_kind() -> None:
    channels = registry.build(Settings())
    assert (channels.by_destination, channels.default) == ({}, KINDS[0].destination)
    assert channels.find(channels.default) is None


def test_alerts_go_to_the_first_channel_that_is_configured(slack: FakeSlack) -> None:
    kinds = [*KINDS, second.kind("http://127.0.0.1:9/")]
    assert registry.build(Settings(), kinds).default == second.DESTINATION
    both = registry.build(Settings(slack_webhook_url=slack.url), kinds)
    assert (both.default, list(both.by_destination)) == (KINDS[0].destination, [KINDS[0].destination, "second"])


def test_the_setting_of_a_destination_is_named_and_all_of_them_where_it_is_of_no_kind() -> None:
    channels = registry.build(Settings(), [*KINDS, second.kind("http://127.0.0.1:9/")])
    assert channels.find_settings("second") == "KUMO_SECOND_URL"
    assert channels.find_settings("gone") == "SLACK_WEBHOOK_URL or KUMO_SECOND_URL"
