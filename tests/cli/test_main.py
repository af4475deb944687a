"""The commands, as processes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kumo import services as composition
from kumo import settings
from kumo.domain.entries import Entry, Series
from kumo.engine import ingest
from tests.engine.detection.arrivals import START
from tests.groups import strip_groups


def kumo(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: text for name, text in settings.environment().items() if not name.startswith(("KUMO_", "REDIS"))}
    return subprocess.run(
        [sys.executable, "-m", "kumo", *arguments], env=clean | environ, capture_output=True, text=True, check=False
    )


def test_verify_says_that_all_sums_are_equal_and_finds_one_that_is_not(redis_url: str) -> None:
    services = composition.build(settings.load({"REDIS_URL": redis_url}))
    series = Series("AWS EC2", "USD")
    ingest.ingest(services, [Entry(series, 10**6, START), Entry(series, 2 * 10**6, START)])
    fine = kumo("verify", REDIS_URL=redis_url)
    assert (fine.returncode, fine.stdout) == (0, "2 entries in 1 series: all sums equal.\n")
    services.store.client.set(services.store.partition(series.id).moments + series.id, "100 2 0 3 1 0 0 0 0 0")
    wrong = kumo("verify", REDIS_URL=redis_url)
    assert wrong.returncode == 1
    assert series.id in wrong.stderr


def test_verify_says_where_groups_lack_series(redis_url: str) -> None:
    services = composition.build(settings.load({"REDIS_URL": redis_url}))
    services.check_layout()
    ingest.ingest(services, [Entry(Series("AWS EC2", "USD"), 10**6, START)])
    strip_groups(services.store)
    found = kumo("verify", REDIS_URL=redis_url)
    assert (found.returncode, found.stdout.splitlines()) == (
        0,
        [
            "1 entries in 1 series: no sum differs.",
            "Totals of groups cannot be verified yet: Kumo still adds series to them.",
        ],
    )


def test_a_command_starts_a_server_of_its_own_where_none_is_named(tmp_path: Path) -> None:
    for _ in range(2):
        found = kumo("check", KUMO_DATA_DIR=str(tmp_path))
        assert (found.returncode, found.stdout) == (0, "Settings and Redis are fine.\n")


def test_check_names_what_is_unsafe(redis_url: str, redis_client: object) -> None:
    redis_client.config_set("appendonly", "no")  # type: ignore[attr-defined]
    try:
        found = kumo("check", REDIS_URL=redis_url)
    finally:
        redis_client.config_set("appendonly", "yes")  # type: ignore[attr-defined]
    assert found.returncode == 1
    assert "append-only" in found.stderr


@pytest.mark.parametrize("setting", [{"KUMO_WINDOW": "x"}, {"KUMO_WINDOWS": "5"}])
def test_a_wrong_setting_is_a_sentence_and_no_traceback(setting: dict[str, str]) -> None:
    found = kumo("verify", **setting)
    assert found.returncode == 1
    assert "KUMO_WINDOW" in found.stderr
    assert "Traceback" not in found.stderr


def test_openapi_prints_the_document_without_a_redis() -> None:
    found = kumo("openapi")
    assert json.loads(found.stdout)["openapi"].startswith("3.1")


def test_a_key_is_shown_once_listed_by_name_and_revoked(redis_url: str) -> None:
    token = kumo("keys", "add", "ci", "--scope", "ingest", "--scope", "read", REDIS_URL=redis_url).stdout.strip()
    assert token.startswith("kumo_ci_")
    listed = kumo("keys", "list", REDIS_URL=redis_url).stdout
    assert listed.startswith("ci\tingest,read\t")
    assert token.split("_")[2] not in listed
    assert kumo("keys", "revoke", "ci", REDIS_URL=redis_url).returncode == 0
    assert kumo("keys", "revoke", "ci", REDIS_URL=redis_url).returncode == 1
