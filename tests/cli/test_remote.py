"""Importing into a remote Kumo, as a process: the same table, the same exit codes, and the key stays secret."""

import tracemalloc
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from kumo import services as composition
from kumo import settings
from kumo.cli import remote
from kumo.engine.imports.bill_reader import Choices
from kumo.engine.imports.uploads import MAX_UPLOAD
from kumo.engine.ops import access
from tests.cli.test_main import kumo
from tests.engine.imports.bills import arrivals, simple
from tests.stack import Stack, free_port, stack

JUNE_SHOWN = "/dashboard/?from=2025-06-01&to=2025-06-05"
JUNE = [(day, service, 10 + day) for day in range(5) for service in ("EC2", "S3")]


@pytest.fixture
def elsewhere(redis_url: str) -> Iterator[Stack]:
    with stack(redis_url, "web", "import") as running:
        yield running


def put(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def test_a_bill_is_uploaded_and_told_of_as_if_it_had_been_imported_here(
    elsewhere: Stack, redis_url: str, tmp_path: Path
) -> None:
    services = composition.build(settings.load({"REDIS_URL": redis_url}))
    key = access.issue(services, "ci", ["ingest", "read"])
    remote = ("import", "--url", elsewhere.url + "/", "--key", key)
    bill = put(tmp_path, "juni ü.csv", simple(JUNE))
    done = kumo(*remote, bill)
    assert (done.returncode, done.stderr) == (0, "")
    assert arrivals(services) == len(JUNE)
    again = kumo(*remote, bill)
    assert (again.returncode, again.stdout) == (0, "juni ü.csv: same as import 1, nothing to do.\n")
    services.store.client.flushall()
    here = kumo("import", bill, REDIS_URL=redis_url)
    (*table, link), (*table_here, link_here) = done.stdout.splitlines(), here.stdout.splitlines()
    assert table == table_here
    assert (link, link_here) == (elsewhere.url + JUNE_SHOWN, "http://127.0.0.1:8000" + JUNE_SHOWN)
    assert "juni ü.csv" in here.stdout


def test_a_file_that_is_refused_is_exit_code_1_and_the_others_go_on(elsewhere: Stack, tmp_path: Path) -> None:
    wrong, right = put(tmp_path, "wrong.csv", b"hello"), put(tmp_path, "right.csv", simple(JUNE))
    missing = str(tmp_path / "missing.csv")
    found = kumo("import", "--url", elsewhere.url, wrong, missing, right)
    assert found.returncode == 1
    assert "wrong.csv is refused" in found.stderr
    assert "missing.csv: cannot be read" in found.stderr
    assert "right.csv" in found.stdout


def test_choices_travel_along(elsewhere: Stack, tmp_path: Path) -> None:
    bill = put(tmp_path, "bill.csv", simple([(0, "EC2", 24)]).replace(b"Usage", b"Tax"))
    assert (
        kumo("import", "--url", elsewhere.url, "--detect", "tax,fee", "--granularity", "hourly", bill).returncode == 0
    )
    (cost,) = elsewhere.get("/costs/").json()
    assert cost["status"] != "excluded"
    assert kumo("import", "--url", elsewhere.url, "--source", "a", "--counts", "focus", bill).returncode == 0
    newest = elsewhere.get("/imports/").json()[0]
    assert (newest["source"], newest["scopes"][0]["source"], newest["same_as"]) == ("a", "a", None)


def test_what_is_too_large_for_an_upload_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(64 * 2**20 + 1)
    found = kumo("import", "--url", f"http://127.0.0.1:{free_port()}", str(path))
    assert found.returncode == 1
    assert "larger than 64 MiB" in found.stderr


def test_a_large_bill_is_read_while_it_is_sent(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    with (tmp_path / "large.csv").open("w+b") as file:
        file.truncate(MAX_UPLOAD)
        tracemalloc.start()
        form = remote._make_form(file, "large.csv", Choices(), lambda *step: told.append(step))
        sent = sum(map(len, iter(partial(form.read, 2**16), b"")))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert sent == form.len > MAX_UPLOAD
    assert told[-1] == ("uploading", sent, sent)
    assert peak < 2**20


def test_a_kumo_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    bill = put(tmp_path, "bill.csv", simple(JUNE))
    found = kumo("import", "--url", f"http://127.0.0.1:{free_port()}", bill)
    assert found.returncode == 1
    assert "cannot be reached" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_key_that_is_not_let_in_is_said_and_not_shown(elsewhere: Stack, redis_url: str, tmp_path: Path) -> None:
    services = composition.build(settings.load({"REDIS_URL": redis_url}))
    key = access.issue(services, "reader", ["read"])
    found = kumo("import", "--url", elsewhere.url, "--key", key, put(tmp_path, "bill.csv", simple(JUNE)))
    assert found.returncode == 1
    assert "403: This API key lacks the scope ingest" in found.stderr
    assert key.rpartition("_")[2] not in found.stderr
