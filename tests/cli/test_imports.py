"""`python -m kumo import` and `imports`, as processes."""

from pathlib import Path

from kumo import settings
from kumo.services import build
from tests.billing.samples import FIXTURES
from tests.cli.test_main import kumo
from tests.engine.imports.aging import on, start_of, swept
from tests.engine.imports.bills import simple

BILL = str(FIXTURES / "focus" / "focus10_sample_multicloud_1000.csv")
OTHER = str(FIXTURES / "azure" / "koku_azure_v2_ea.csv")
REFUSED = str(FIXTURES / "azure" / "oc_BOM.csv")


def test_each_file_is_reported_and_one_that_is_refused_does_not_stop_the_others(redis_url: str) -> None:
    found = kumo("import", BILL, REFUSED, OTHER, REDIS_URL=redis_url)
    assert found.returncode == 1
    for part in ("Import 1: focus10_sample_multicloud_1000.csv", "721", "14.976516 USD", "1,000 rows", "Import 3:"):
        assert part in found.stdout
    assert "Note: 'MC' is not a currency of ISO 4217" in found.stdout
    (said,) = found.stderr.splitlines()
    assert said.startswith("oc_BOM.csv is refused, nothing of it is stored. oc_BOM.csv, column PreTaxCost: has records")
    verified = kumo("verify", REDIS_URL=redis_url)
    assert (verified.returncode, verified.stdout.split(":")[0]) == (0, "726 entries in 287 series")


def test_a_file_that_replaces_costs_of_another_of_the_same_command_ends_it_with_1(
    redis_url: str, tmp_path: Path
) -> None:
    (tmp_path / "one.csv").write_bytes(simple([(0, "EC2", 1), (1, "EC2", 1)]))
    (tmp_path / "two.csv").write_bytes(simple([(1, "S3", 1), (2, "S3", 1)]))
    found = kumo("import", str(tmp_path / "one.csv"), str(tmp_path / "two.csv"), REDIS_URL=redis_url)
    assert found.returncode == 1
    assert found.stderr.startswith("two.csv replaces costs of one.csv in focus 0001 0042 2025-06. If both are parts")


def test_parts_whose_names_count_them_are_one_delivery(redis_url: str, tmp_path: Path) -> None:
    for number, service in enumerate(("EC2", "S3")):
        (tmp_path / f"bill-{number:05}.csv").write_bytes(simple([(0, service, 1), (1, service, 1)]))
    parts = [str(path) for path in sorted(tmp_path.iterdir())]
    assert kumo("import", *parts, REDIS_URL=redis_url).returncode == 0
    again = kumo("import", str(tmp_path), REDIS_URL=redis_url)
    assert (again.returncode, again.stdout) == (0, "bill-00000.csv: same as import 1, nothing to do.\n")
    assert kumo("verify", REDIS_URL=redis_url).stdout == "4 entries in 2 series: all sums equal.\n"


def test_a_folder_without_bills_is_said_to_have_none(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "_SUCCESS").touch()
    found = kumo("import", str(tmp_path), REDIS_URL=redis_url)
    assert (found.returncode, found.stderr) == (1, "There is no bill in these folders.\n")


def test_parts_cannot_be_uploaded_as_they_are(tmp_path: Path) -> None:
    parts = [str(tmp_path / f"bill-{number:05}.csv") for number in range(2)]
    found = kumo("import", "--url", "http://127.0.0.1:9", *parts)
    assert (found.returncode, "put them into one zip to upload them" in found.stderr) == (1, True)


def test_what_was_recorded_is_judged_though_no_worker_runs(redis_url: str) -> None:
    found = kumo("import", BILL, REDIS_URL=redis_url, KUMO_DETECTOR="zscore")
    assert found.returncode == 0
    anomalies = next(line for line in found.stdout.splitlines() if "anomalies" in line)
    assert " 1 " in anomalies


def test_the_same_file_again_is_nothing_to_do(redis_url: str) -> None:
    kumo("import", OTHER, REDIS_URL=redis_url)
    again = kumo("import", OTHER, REDIS_URL=redis_url)
    assert (again.returncode, again.stdout) == (0, "koku_azure_v2_ea.csv: same as import 1, nothing to do.\n")


def test_imports_are_listed_newest_first_and_can_be_forgotten(redis_url: str) -> None:
    empty = kumo("imports", REDIS_URL=redis_url)
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "There are no imports.\n")
    kumo("import", BILL, REFUSED, REDIS_URL=redis_url)
    listed = [line.split("\t") for line in kumo("imports", REDIS_URL=redis_url).stdout.splitlines()]
    assert [(line[0], line[2], line[3]) for line in listed] == [
        ("2", "failed", "oc_BOM.csv"),
        ("1", "done", "focus10_sample_multicloud_1000.csv"),
    ]
    assert listed[1][4:] == ["2024-09-01–2024-09-30", "+721 -0 ~0", "14.976516 USD"]
    forgotten = kumo("imports", "--forget", "1", REDIS_URL=redis_url)
    assert forgotten.stdout == "Import 1 (focus10_sample_multicloud_1000.csv) is forgotten.\n"
    assert kumo("verify", REDIS_URL=redis_url).stdout == "0 entries in 0 series: all sums equal.\n"
    assert kumo("imports", "--forget", "99", REDIS_URL=redis_url).returncode == 1


def test_days_that_were_swept_are_named_by_every_command_that_leaves_them(redis_url: str, tmp_path: Path) -> None:
    services = build(settings.load({"REDIS_URL": redis_url}))
    bill = tmp_path / "bill.csv"
    bill.write_bytes(simple([(day, "EC2", 1) for day in range(20)]))
    assert kumo("import", str(bill), REDIS_URL=redis_url).returncode == 0
    swept(on(services, 40, 30))
    verified = kumo("verify", REDIS_URL=redis_url)
    cannot = "Totals of days before 2025-06-11 cannot be verified: the retention removed costs of them.\n"
    assert (verified.returncode, verified.stdout) == (0, f"10 entries in 1 series: no sum differs.\n{cannot}")
    bill.write_bytes(simple([(day, "EC2", 2) for day in range(20)]))
    found = kumo("import", str(bill), REDIS_URL=redis_url)
    assert ["10 days" in line for line in found.stdout.splitlines() if "left out" in line] == [True]
    note = "Note: 10 days before 2025-06-11 are older than the retention and do not change."
    assert note in found.stdout.splitlines()
    forgotten = kumo("imports", "--forget", "2", REDIS_URL=redis_url)
    assert forgotten.stdout.splitlines()[-1] == note
    services.store.client.set(services.store.partitions[0].retention, start_of(11))
    assert kumo("verify", REDIS_URL=redis_url).stdout.startswith("0 entries in 1 series: no sum differs.\n")


def test_options_say_how_a_bill_is_read(redis_url: str, tmp_path: Path) -> None:
    bill = tmp_path / "opencost.csv"
    bill.write_bytes((FIXTURES / "opencost" / "export-sample.csv").read_bytes())
    assert kumo("import", str(bill), REDIS_URL=redis_url).returncode == 1
    chosen = ("--currency", "EUR", "--account", "cluster", "--amount", "billed", "--granularity", "hourly")
    found = kumo("import", *chosen, "--detect", "tax, credit", str(bill), REDIS_URL=redis_url)
    assert (found.returncode, "0.020988 EUR" in found.stdout) == (0, True)


def test_what_is_used_wrongly_is_exit_code_2(redis_url: str) -> None:
    for arguments in (["import"], ["import", "--detect", "rent", BILL], ["import", "--granularity", "weekly", BILL]):
        assert kumo(*arguments, REDIS_URL=redis_url).returncode == 2


def test_any_table_is_imported_by_a_map_of_its_columns(redis_url: str, tmp_path: Path) -> None:
    table = tmp_path / "mail.csv"
    table.write_text("Invoice date,Net amount,Product\n2026-10-01,1.5,Mail\n")
    refused = kumo("import", str(table), REDIS_URL=redis_url)
    assert (refused.returncode, refused.stderr.count("--map")) == (1, 1)
    wrong = kumo("import", "--map", "timestamp=Invoice date", str(table), REDIS_URL=redis_url)
    assert (wrong.returncode, "must name a column for amount" in wrong.stderr) == (2, True)
    advice = "timestamp=Invoice date,amount=Net amount,service=Product,currency==EUR"
    found = kumo("import", "--map", advice, str(table), REDIS_URL=redis_url)
    assert (found.returncode, "1.5 EUR" in found.stdout) == (0, True)
