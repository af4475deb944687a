"""The chart, as helm renders it: valid Kubernetes, the processes of the Procfile, with no rights to spare."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml

import kumo
from kumo import settings

ROOT: Final = Path(__file__).parents[1]
CHART: Final = ROOT / "deploy" / "helm" / "kumo"
HELM: Final = shutil.which("helm")
ALL: Final = ("--set", "serviceMonitor.enabled=true", "--set", "ingress.enabled=true", "--set", "ingress.tlsSecret=tls")
NAMES: Final = {"web": "web", "worker": "judge", "notifier": "notifier", "importer": "importer"}
# Objects that other operators define are not in the schemas of Kubernetes.
FOREIGN: Final = {"ServiceMonitor"}

Rendered = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def need_helm() -> None:
    if HELM is None:
        pytest.skip("helm is not installed")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(HELM), *arguments], capture_output=True, text=True, check=False)


def render(*arguments: str) -> Rendered:
    done = run("template", "kumo", str(CHART), *arguments)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def deployments(rendered: Rendered) -> dict[str, dict[str, Any]]:
    found = (each for each in rendered if each["kind"] == "Deployment")
    return {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: each["spec"]["template"]["spec"] for each in found
    }


def test_helm_finds_nothing_wrong() -> None:
    done = run("lint", "--strict", str(CHART))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", ["1.25", "1.30", "1.37"])
@pytest.mark.parametrize("arguments", [(), ALL], ids=["as it is", "with all"])
def test_all_that_it_renders_is_valid(version: str, arguments: tuple[str, ...]) -> None:
    rendered = render("--kube-version", version, *arguments)
    for document in rendered:
        if document["kind"] not in FOREIGN:
            kubernetes_validate.validate(document, version, strict=True)
    assert len(rendered) == (10 if arguments else 8)


def test_it_runs_the_processes_of_the_procfile() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    found = {name: " ".join(spec["containers"][0]["command"]) for name, spec in deployments(render()).items()}
    assert found == {name: lines[kind] for kind, name in NAMES.items()}


@pytest.mark.parametrize("name", NAMES.values())
def test_no_process_has_rights_to_spare(name: str) -> None:
    spec = deployments(render())[name]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["volumeMounts"] == [{"name": "temporary", "mountPath": "/tmp"}]


def test_only_known_settings_are_set_and_no_secret_among_them() -> None:
    rendered = render("--set-string", "settings.KUMO_WINDOW=50")
    (config,) = (each for each in rendered if each["kind"] == "ConfigMap")
    assert config["data"] == {"KUMO_HOST": "0.0.0.0", "PORT": "8000", "KUMO_WINDOW": "50"}
    assert set(config["data"]) <= {row.name for row in settings.TABLE}


def test_a_policy_of_the_network_covers_each_process() -> None:
    covered = set()
    for policy in (each["spec"]["podSelector"] for each in render() if each["kind"] == "NetworkPolicy"):
        covered |= {policy["matchLabels"].get("app.kubernetes.io/component")}
        covered |= {value for row in policy.get("matchExpressions", []) for value in row["values"]}
    assert covered - {None} == set(NAMES.values())


@pytest.mark.parametrize(
    ("argument", "named"),
    [("web.replica=1", "replica"), ("existingSecret=", "existingSecret"), ("settings.kumo=1", "kumo")],
)
def test_a_value_that_does_not_exist_is_refused(argument: str, named: str) -> None:
    done = run("template", "kumo", str(CHART), "--set", argument)
    assert done.returncode != 0
    assert named in done.stderr


def test_the_chart_has_the_version_of_what_it_runs() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["appVersion"] == chart["version"] == kumo.__version__
    assert json.loads((CHART / "values.schema.json").read_text())["type"] == "object"
