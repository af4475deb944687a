"""The names in deploy/prometheus exist in /metrics, and Prometheus' own tool accepts the rules if it is installed."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from flask.testing import FlaskClient

from tests.api.figures import samples
from tests.test_docs import anchors

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "deploy" / "prometheus"
OPERATING: Final = ROOT / "docs" / "operating.md"
RULES: Final = yaml.safe_load((FOLDER / "kumo.rules.yml").read_text())["groups"][0]["rules"]
BOARD: Final = json.loads((FOLDER / "kumo.dashboard.json").read_text())
PROMTOOL: Final = shutil.which("promtool")
# Made by Prometheus itself for each scrape.
ITS_OWN: Final = {"up"}


def expressions() -> dict[str, str]:
    """Return each expression of the rules and the board by its place."""
    rules = {rule["alert"]: rule["expr"] for rule in RULES}
    return rules | {f"{panel['title']} {target['refId']}": target["expr"] for panel, target in targets()}


def targets() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for panel in BOARD["panels"]:
        yield from ((panel, target) for target in panel.get("targets", []))


def metrics_in(expression: str) -> set[str]:
    """Return the names of metrics in an expression: ours, and those of a scrape."""
    return set(re.findall(r"\bkumo_\w+|\bup\b", expression))


@pytest.mark.parametrize(("place", "expression"), expressions().items())
def test_each_metric_named_is_there_with_its_labels(client: FlaskClient, place: str, expression: str) -> None:
    client.get("/healthz")
    found = samples(client)
    there = {name for name, _ in found}
    named = metrics_in(expression)
    assert named, place
    assert named - ITS_OWN <= there
    labels = {label for name, pairs in found if name in named for label, _ in pairs} | {"job", "instance"}
    asked = re.findall(r"(\w+)\s*(?:=~|!=|=)\s*\"", expression)
    grouped = re.findall(r"(?:by|without) \(([^()]*)\)", expression)
    assert {*asked, *(label.strip() for group in grouped for label in group.split(","))} <= labels, place


def test_each_alert_says_what_it_means_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert f"`{rule['alert']}`" in OPERATING.read_text()
    assert "monitoring" in anchors(OPERATING)


def test_no_page_names_an_alert_that_does_not_exist() -> None:
    assert set(re.findall(r"`(Kumo[A-Z]\w+)`", OPERATING.read_text())) <= {rule["alert"] for rule in RULES}


def test_the_board_is_laid_out_without_gaps_in_its_numbers_or_two_panels_in_one_place() -> None:
    panels = BOARD["panels"]
    assert [panel["id"] for panel in panels] == [*range(1, len(panels) + 1)]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
    assert {panel["type"] for panel in panels} <= {"row", "stat", "timeseries"}
    assert {variable["name"] for variable in BOARD["templating"]["list"]} == {"datasource", "job"}


def test_the_example_of_a_scrape_asks_for_the_figures_with_a_key() -> None:
    example = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    [job] = example["scrape_configs"]
    assert example["rule_files"] == ["kumo.rules.yml"]
    assert (job["job_name"], job["metrics_path"]) == ("kumo", "/metrics")
    assert job["authorization"] == {"credentials_file": "/etc/prometheus/kumo.key"}


def promtool(*arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
    if PROMTOOL is None:
        pytest.skip("there is no promtool; the rules are only parsed")
    return subprocess.run([PROMTOOL, *arguments], input=text, capture_output=True, text=True, check=False)


def test_prometheus_takes_the_rules_and_finds_no_fault_with_the_names(client: FlaskClient) -> None:
    run = promtool("check", "rules", FOLDER / "kumo.rules.yml")
    assert run.returncode == 0, run.stdout + run.stderr
    client.get("/healthz")
    linted = promtool("check", "metrics", text=client.get("/metrics").text)
    assert (linted.returncode, linted.stderr) == (0, "")


OK: Final = 'kumo_http_requests_total{job="kumo",method="GET",route="/costs/",status="200"}'
FAILED: Final = 'kumo_http_requests_total{job="kumo",method="GET",route="/costs/",status="503"}'
TOOK: Final = 'kumo_http_request_duration_seconds_bucket{job="kumo",method="GET",route="/costs/",le="%s"}'
# An hour by the minute, in promtool's notation, that brings each alert; and one that must not.
BRINGS: Final[dict[str, dict[str, str]]] = {
    "KumoCannotBeScraped": {'up{job="kumo"}': "0x60"},
    "KumoJudgingIsBehind": {"kumo_pending_oldest_seconds": "61x60"},
    "KumoAlertsWait": {'kumo_alerts_oldest_seconds{state="retry"}': "301x60"},
    "KumoWorkerSilent": {'kumo_worker_silence_seconds{worker="judge"}': "121x60"},
    "KumoRequestsFail": {OK: "0+95x60", FAILED: "0+5x60"},
    "KumoRequestsSlow": {TOOK % "2.5": "0x60", TOOK % "5": "0+9x60", TOOK % "+Inf": "0+9x60"},
    "KumoImportsWait": {"kumo_uploads_oldest_seconds": "3601x60"},
    "KumoImportFailed": {'kumo_imports_total{status="failed"}': "0x30 1x30"},
    "KumoAlertsAreLate": {f'kumo_delivery_seconds_bucket{{le="{le}"}}': "0+1x60" for le in ("300", "+Inf")}
    | {'kumo_delivery_seconds_bucket{le="60"}': "0x60"},
}
CALM: Final = {
    'up{job="kumo"}': "1x60",
    "kumo_pending_oldest_seconds": "1x60",
    OK: "0+1000x60",
    FAILED: "0+1x60",
    'kumo_worker_silence_seconds{worker="judge"}': "15x60",
    'kumo_alerts_oldest_seconds{state="retry"}': "299x60",
    **{TOOK % le: "0+9x60" for le in ("2.5", "5", "+Inf")},
    "kumo_uploads_oldest_seconds": "600x60",
    'kumo_imports_total{status="failed"}': "1x60",
    **{f'kumo_delivery_seconds_bucket{{le="{le}"}}': "0+1x60" for le in ("10", "60", "+Inf")},
}


@pytest.mark.parametrize(("alert", "series"), [*BRINGS.items(), ("", CALM)])
def test_what_should_raise_an_alert_raises_that_one_alone(tmp_path: Path, alert: str, series: dict[str, str]) -> None:
    firing = [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if alert else []
    asked = {"expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": "59m", "exp_samples": firing}
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    tests = [{"interval": "1m", "input_series": inputs, "promql_expr_test": [asked]}]
    (tmp_path / "test.yml").write_text(yaml.safe_dump({"rule_files": [str(FOLDER / "kumo.rules.yml")], "tests": tests}))
    run = promtool("test", "rules", tmp_path / "test.yml")
    assert run.returncode == 0, run.stdout + run.stderr


def test_each_alert_is_tried() -> None:
    assert [rule["alert"] for rule in RULES] == [*BRINGS]
