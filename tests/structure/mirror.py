"""Which modules have logic of their own, and the test file that mirrors each.

`tests/a/test_b.py` mirrors `kumo/a/b.py`, and `tests/worker/test_b.py` mirrors `worker/b.py`.
"""

import ast
from pathlib import Path
from typing import Final

# With fewer branches a module is schemas, constants, protocols or glue: the tests of what uses it are enough.
LEAST_BRANCHES: Final = 6
_BRANCHES: Final = (ast.If, ast.IfExp, ast.For, ast.While, ast.ExceptHandler, ast.comprehension, ast.match_case)

# Modules that are tested through another file on purpose, by the module: that file, and why. The file must be there.
ELSEWHERE: Final[dict[str, tuple[str, str]]] = {
    "kumo/api/blueprint.py": ("tests/api/test_openapi.py", "what it builds is the description of the API"),
    "kumo/api/figures.py": ("tests/api/test_metrics.py", "its figures exist only as what /metrics shows"),
    "kumo/api/forms.py": ("tests/api/test_upload_forms.py", "a form is read only as a request sends it"),
    "kumo/api/schemas/alerts.py": ("tests/api/test_alerts.py", "an alert is shown only by its endpoints"),
    "kumo/api/schemas/anomalies.py": ("tests/api/test_anomalies.py", "an anomaly is shown only by its endpoints"),
    "kumo/api/schemas/explanations.py": ("tests/api/test_anomalies_of_totals.py", "shown only by their endpoint"),
    "kumo/api/schemas/imports.py": ("tests/api/test_imports.py", "an import is shown only by its endpoints"),
    "kumo/api/schemas/policies.py": ("tests/api/test_policies.py", "a policy is read and shown only by its endpoints"),
    "kumo/api/telemetry.py": ("tests/api/test_traffic.py", "it counts requests, so it takes requests to test it"),
    "kumo/billing/aws_amortized.py": ("tests/billing/test_aws_cur.py", "the costs of a CUR, row by row"),
    "kumo/billing/delivery.py": ("tests/billing/test_manifests.py", "a delivery is what a manifest or a zip names"),
    "kumo/billing/formats.py": ("tests/billing/test_bad_input.py", "each format is told apart where it is tested"),
    "kumo/billing/gcp_credits.py": ("tests/billing/test_gcp.py", "credits are a part of each record of Google"),
    "kumo/billing/lines.py": ("tests/billing/test_focus.py", "the reader that all formats share, by the one with most"),
    "kumo/billing/mapped.py": ("tests/billing/test_column_map.py", "a map of columns, and the format that it makes"),
    "kumo/billing/parquet.py": ("tests/billing/test_limits.py", "with the limits of memory that it keeps to"),
    "kumo/billing/reading.py": ("tests/billing/test_bad_input.py", "faults of a bill by file, row and column"),
    "kumo/billing/texts.py": ("tests/billing/test_csv_table.py", "the text of tables, with its encodings and marks"),
    "kumo/cli/sandbox.py": ("tests/cli/test_demo.py", "a sandbox is what the demo runs in"),
    "kumo/cli/watch.py": ("tests/engine/imports/watch/test_watching.py", "the command is run as a process"),
    "kumo/dashboard/assets.py": ("tests/dashboard/test_page.py", "files are tested as the page is given them"),
    "kumo/domain/detectors/adaptive/chances.py": (
        "tests/domain/detectors/adaptive/test_limits.py",
        "a chance belongs to a limit",
    ),
    "kumo/domain/totals/hourly.py": ("tests/engine/totals/test_hours.py", "with the hours that it is about"),
    "kumo/domain/ledger.py": ("tests/domain/test_findings.py", "findings are made of what it keeps"),
    "kumo/engine/backtest/tracker.py": ("tests/engine/backtest/test_replay.py", "messages come of replaying"),
    "kumo/engine/detection/alert_content.py": ("tests/engine/detection/test_judge.py", "alerts come of judging"),
    "kumo/engine/detection/fold.py": ("tests/engine/detection/test_judge.py", "a slice is folded only by the judge"),
    "kumo/engine/detection/series_memory.py": ("tests/engine/detection/test_judge.py", "a cache of the judge"),
    "kumo/engine/imports/bill_reader.py": ("tests/engine/imports/test_lifecycle.py", "read in the course of an import"),
    "kumo/engine/imports/importer.py": ("tests/engine/imports/test_uploads.py", "it imports uploads, one by one"),
    "kumo/engine/imports/summary.py": ("tests/engine/imports/test_lifecycle.py", "the end of an import"),
    "kumo/engine/imports/watch.py": ("tests/engine/imports/watch/test_watching.py", "a folder of tests of its own"),
    "kumo/engine/totals/episodes.py": ("tests/engine/totals/test_slices.py", "anomalies come of folding a slice"),
    "kumo/engine/totals/excuses.py": ("tests/engine/detection/test_feedback.py", "with all else that feedback does"),
    "kumo/engine/totals/folding.py": ("tests/engine/totals/test_slices.py", "totals are folded for a slice"),
    "kumo/engine/totals/group_calendar.py": ("tests/engine/totals/test_slices.py", "with the groups that it is for"),
    "kumo/engine/totals/single_entries.py": ("tests/engine/totals/test_slices.py", "they are finished by a slice"),
    "kumo/engine/totals/subjects.py": ("tests/engine/totals/test_slices.py", "what a slice judges"),
    "kumo/engine/ops/group_sums.py": ("tests/store/test_tag_sets.py", "every history there is verified"),
    "kumo/engine/ops/rates.py": ("tests/api/test_rates.py", "a rate is what a client of the API meets"),
    "kumo/engine/ops/verification.py": ("tests/engine/detection/test_exactness.py", "sums are verified in every scene"),
    "kumo/engine/queries/explanation.py": (
        "tests/api/test_anomalies_of_totals.py",
        "asked for by the API alone",
    ),
    "kumo/engine/queries/filters.py": ("tests/api/test_anomalies_of_totals.py", "filters are asked for by lists alone"),
    "kumo/engine/queries/lookup.py": ("tests/engine/queries/test_names.py", "with what names mean in each question"),
    "kumo/engine/queries/metrics.py": ("tests/api/test_metrics.py", "figures are asked for by /metrics alone"),
    "kumo/engine/queries/tag_group_sums.py": ("tests/api/test_tags.py", "sums by tag are asked for by the API alone"),
    "kumo/engine/queries/tag_sums.py": ("tests/api/test_tags.py", "sums by tag are asked for by the API alone"),
    "kumo/store/anomalies.py": ("tests/api/test_anomalies.py", "they are listed and shown by the API alone"),
    "kumo/store/cluster.py": ("tests/cluster/test_client.py", "it takes a cluster, which that folder starts"),
    "kumo/store/entries.py": ("tests/store/test_replace.py", "calls of scripts, tested with the scripts"),
    "kumo/store/export_table.py": ("tests/engine/ops/test_exporter.py", "a table of an export is written by exporting"),
    "kumo/store/feedback.py": ("tests/engine/detection/test_feedback.py", "feedback means something only to a judge"),
    "kumo/store/restore_mark.py": ("tests/engine/ops/test_restorer.py", "a restore is tested from file to store"),
    "kumo/store/restore_writer.py": ("tests/engine/ops/test_restorer.py", "a restore is tested from file to store"),
    "kumo/store/combined.py": ("tests/store/test_groups.py", "with the shares that are combined"),
    "kumo/store/hours.py": ("tests/engine/totals/test_hours.py", "hours are summed up to be judged"),
    "kumo/store/marks.py": ("tests/engine/totals/test_marking.py", "marks mean something only to a judge"),
    "kumo/store/retention.py": ("tests/store/test_watermarks.py", "how far it may reach, and has reached"),
    "kumo/store/scopes.py": ("tests/store/test_replace.py", "calls of scripts, tested with the scripts"),
    "kumo/store/snapshots.py": ("tests/engine/ops/test_exporter.py", "a snapshot is what an export holds"),
    "kumo/store/timeline.py": ("tests/store/test_statuses.py", "by the status of what it reads"),
    "kumo/store/totals.py": ("tests/api/test_metrics.py", "counts are asked for by /metrics alone"),
    "kumo/store/uploads.py": ("tests/engine/imports/test_uploads.py", "pieces of an upload mean nothing alone"),
}


def count_branches(tree: ast.Module) -> int:
    """Count the branches inside functions and methods, as cyclomatic complexity does, without the one of each function.

    A branch is an `if` or a choice in an expression, a loop, an `except`, a `case`, each `for` and `if` of a
    comprehension, and each `and` or `or`.
    """
    bodies = [each for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for each in node.body]
    nodes = {node for body in bodies for node in ast.walk(body)}
    return sum(map(_count, nodes))


def _count(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    return isinstance(node, _BRANCHES) + (len(node.ifs) if isinstance(node, ast.comprehension) else 0)


def has_logic(tree: ast.Module) -> bool:
    """Return whether a module has logic of its own: functions and methods with six branches or more together."""
    return count_branches(tree) >= LEAST_BRANCHES


def find_mirror(name: str) -> str:
    """Return the test file that mirrors a module of `kumo` or `worker`, whether it is there or not."""
    path = Path(name)
    folder = path.parent.relative_to("kumo") if path.is_relative_to("kumo") else path.parent
    return (Path("tests") / folder / f"test_{path.name}").as_posix()


def find_untested(root: Path, trees: dict[str, ast.Module]) -> list[str]:
    """Return the modules with logic of their own that no test file mirrors, those of `ELSEWHERE` among them."""
    return [name for name, tree in trees.items() if has_logic(tree) and not (root / find_mirror(name)).exists()]
