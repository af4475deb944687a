import dataclasses
import os
from pathlib import Path

import pytest

from kumo import settings
from kumo.errors import SettingsError
from kumo.settings import Settings, load

WEBHOOK = "https://hooks.slack.com/services/T0/B0/topsecret"


def test_nothing_set_gives_the_defaults() -> None:
    loaded = load({})
    assert loaded == Settings()
    assert (loaded.window, loaded.threshold, loaded.min_history) == (100, 3.0, 10)
    assert (loaded.host, loaded.port, loaded.public_url) == (
        "127.0.0.1",
        8000,
        "http://127.0.0.1:8000",
    )
    assert (loaded.first_spend, loaded.min_impact, loaded.min_share) == (None, None, None)
    assert (loaded.false_alerts, loaded.settle_days) == (4.0, 1)
    assert (loaded.data_dir, loaded.max_body_bytes) == (Path("var"), 16 * 1024 * 1024)


@pytest.mark.parametrize(
    ("name", "text", "attribute", "value"),
    [
        ("REDIS_URL", "rediss://:pw@host:1/0", "redis_url", "rediss://:pw@host:1/0"),
        ("KUMO_STORE_URL", "unix:///run/x.sock", "store_url", "unix:///run/x.sock"),
        ("SLACK_WEBHOOK_URL", WEBHOOK, "slack_webhook_url", WEBHOOK),
        ("SLACK_WEBHOOK_URL", "http://[::1]:9/", "slack_webhook_url", "http://[::1]:9/"),
        ("KUMO_SLACK_HOSTS", "A.example, b.example", "slack_hosts", ("a.example", "b.example")),
        ("KUMO_SLACK_AMBIGUOUS", "HOLD", "slack_ambiguous", "hold"),
        ("KUMO_HOST", "::", "host", "::"),
        ("PORT", "65535", "port", 65535),
        ("PORT", "9", "public_url", "http://127.0.0.1:9"),
        ("WEB_CONCURRENCY", "4", "web_concurrency", 4),
        ("KUMO_PUBLIC_URL", "https://kumo.example/", "public_url", "https://kumo.example"),
        ("KUMO_CORS_ORIGINS", "https://a.b, *", "cors_origins", ("https://a.b", "*")),
        ("KUMO_CORS_ORIGINS", "http://localhost:3000", "cors_origins", ("http://localhost:3000",)),
        (
            "KUMO_ALLOWED_HOSTS",
            "Kumo.Example., [0::1], ::ffff:10.0.0.1",
            "allowed_hosts",
            ("kumo.example", "::1", "10.0.0.1"),
        ),
        ("KUMO_AUTH", "off", "auth", "off"),
        ("KUMO_MAX_BODY_BYTES", "1024", "max_body_bytes", 1024),
        ("KUMO_INGEST_WAIT", "10", "ingest_wait", 10.0),
        ("KUMO_DETECTOR", "zscore", "detector", "zscore"),
        ("KUMO_WINDOW", " 1000 ", "window", 1000),
        ("KUMO_THRESHOLD", "2.5", "threshold", 2.5),
        ("KUMO_MIN_HISTORY", "100", "min_history", 100),
        ("KUMO_FIRST_SPEND", "auto", "first_spend", None),
        ("KUMO_FIRST_SPEND", "0", "first_spend", 0.0),
        ("KUMO_MIN_IMPACT", "2.5", "min_impact", 2.5),
        ("KUMO_MIN_SHARE", "0", "min_share", 0.0),
        ("KUMO_FALSE_ALERTS", "0.5", "false_alerts", 0.5),
        ("KUMO_SETTLE_DAYS", "0", "settle_days", 0),
        ("KUMO_PARTITIONS", "256", "partitions", 256),
        ("KUMO_RETENTION_DAYS", "30", "retention_days", 30),
        ("KUMO_DATA_DIR", "/srv/kumo", "data_dir", Path("/srv/kumo")),
        ("KUMO_LOG_LEVEL", "debug", "log_level", "DEBUG"),
    ],
)
def test_a_variable_sets_its_attribute(name: str, text: str, attribute: str, value: object) -> None:
    assert getattr(load({name: text}), attribute) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("REDIS_URL", "localhost:6379"),
        ("KUMO_STORE_URL", "http://host"),
        ("SLACK_WEBHOOK_URL", "http://hooks.slack.com/services/topsecret"),
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com.evil.example/topsecret"),
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com@evil.example/topsecret"),
        ("SLACK_WEBHOOK_URL", "https://localhost.evil.example/topsecret"),
        ("KUMO_SLACK_HOSTS", "https://hooks.slack.com/"),
        ("KUMO_SLACK_AMBIGUOUS", "perhaps"),
        ("KUMO_HOST", "a b"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("WEB_CONCURRENCY", "two"),
        ("KUMO_PUBLIC_URL", "ftp://kumo.example"),
        ("KUMO_PUBLIC_URL", "http://kumo.example:port"),
        ("KUMO_CORS_ORIGINS", "costs.example"),
        ("KUMO_CORS_ORIGINS", "https://*.example.com"),
        ("KUMO_CORS_ORIGINS", "https://costs.example/"),
        ("KUMO_ALLOWED_HOSTS", "https://kumo.example"),
        ("KUMO_ALLOWED_HOSTS", "kumo.example:8000"),
        ("KUMO_ALLOWED_HOSTS", "kumo.example/"),
        ("KUMO_ALLOWED_HOSTS", "*"),
        ("KUMO_AUTH", "maybe"),
        ("KUMO_MAX_BODY_BYTES", "0"),
        ("KUMO_INGEST_WAIT", "10.1"),
        ("KUMO_INGEST_WAIT", "-1"),
        ("KUMO_DETECTOR", "tarot"),
        ("KUMO_WINDOW", "1"),
        ("KUMO_WINDOW", "1001"),
        ("KUMO_WINDOW", "1_0"),
        ("KUMO_THRESHOLD", "0"),
        ("KUMO_THRESHOLD", "nan"),
        ("KUMO_THRESHOLD", "inf"),
        ("KUMO_MIN_HISTORY", "101"),
        ("KUMO_FIRST_SPEND", "none"),
        ("KUMO_MIN_IMPACT", "-1"),
        ("KUMO_MIN_SHARE", "1.1"),
        ("KUMO_FALSE_ALERTS", "10001"),
        ("KUMO_SETTLE_DAYS", "1.5"),
        ("KUMO_PARTITIONS", "0"),
        ("KUMO_RETENTION_DAYS", "-1"),
        ("KUMO_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_with_what_is_allowed(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} .*allowed: ") as caught:
        load({name: text})
    assert "topsecret" not in str(caught.value)


def test_a_mistyped_name_is_refused_with_the_right_one() -> None:
    with pytest.raises(SettingsError, match="did you mean KUMO_WINDOW"):
        load({"KUMO_WINDWO": "5"})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SLACK_WEBHOOK", "SLACK_WEBHOOK_URL"),
        ("SLACK_URL", "SLACK_WEBHOOK_URL"),
        ("SLACK_INCOMING_WEBHOOK", "SLACK_WEBHOOK_URL"),
        ("slack_webhook_url", "SLACK_WEBHOOK_URL"),
        ("kumo_window", "KUMO_WINDOW"),
        ("REDIS_URI", "REDIS_URL"),
        ("REDISCLOUD_URL", "REDIS_URL"),
    ],
)
def test_a_name_that_is_almost_a_setting_is_told(name: str, meant: str) -> None:
    assert settings.find_near_misses({name: "x"}) == [f"{name} is set and is not a setting; did you mean {meant}?"]
    assert settings.find_near_misses({name: ""}) == []
    assert settings.find_near_misses({name: "x", meant: "y"}) == []


@pytest.mark.parametrize(
    "name", ["PORTS", "WEB_CONCURRENCIES", "SLACK_BOT_TOKEN", "REDIS_HOST", "SLACK", "MY_SLACK_URL"]
)
def test_a_name_that_is_of_others_or_far_from_ours_is_not(name: str) -> None:
    assert settings.find_near_misses({name: "x"}) == []


def test_a_name_that_begins_otherwise_is_refused_with_the_one_that_is_meant() -> None:
    with pytest.raises(SettingsError, match="did you mean SLACK_WEBHOOK_URL"):
        load({"KUMO_SLACK_WEBHOOK_URL": WEBHOOK})


def test_an_empty_value_counts_as_unset() -> None:
    assert load({"KUMO_WINDOW": "", "REDIS_URL": " ", "KUMO_CORS_ORIGINS": ""}) == Settings()


def test_secrets_show_neither_in_the_repr_nor_in_a_refusal() -> None:
    secret = "topsecret"
    shown = repr(
        load(
            {
                "REDIS_URL": f"redis://:{secret}@host",
                "KUMO_STORE_URL": f"redis://:{secret}@host",
                "SLACK_WEBHOOK_URL": WEBHOOK,
            }
        )
    )
    assert secret not in shown
    for name in ("REDIS_URL", "KUMO_STORE_URL", "SLACK_WEBHOOK_URL"):
        with pytest.raises(SettingsError) as caught:
            load({name: f"gopher://{secret}"})
        assert secret not in str(caught.value)


def test_the_store_is_where_the_queues_are_unless_it_is_named() -> None:
    shared = load({"REDIS_URL": "redis://one"})
    apart = load({"REDIS_URL": "redis://one", "KUMO_STORE_URL": "redis://two"})
    assert shared.effective_store_url == "redis://one"
    assert apart.effective_store_url == "redis://two"


def test_the_environment_wins_over_the_file_and_is_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("KUMO_WINDOW=20\nKUMO_THRESHOLD=2\nREDIS_URL=redis://${HOME}\n")
    monkeypatch.chdir(tmp_path)
    for row in settings.TABLE:
        monkeypatch.delenv(row.name, raising=False)
    monkeypatch.setenv("KUMO_WINDOW", "30")
    before = dict(os.environ)
    loaded = load()
    assert (loaded.window, loaded.threshold, loaded.redis_url) == (30, 2.0, "redis://${HOME}")
    assert dict(os.environ) == before


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().window = 5  # type: ignore[misc]


def test_every_row_says_what_it_is_for() -> None:
    assert len({row.name for row in settings.TABLE}) == len(dataclasses.fields(Settings))
    assert all(row.help.endswith(".") for row in settings.TABLE)
