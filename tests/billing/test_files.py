"""Only regular files inside the folder of their delivery are opened, whatever leads there."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from kumo.billing import BillError, BillFile, open_bill
from tests.billing.samples import FOCUS, rows_of, written
from tests.billing.test_manifests import deliver

PLAIN = written(FOCUS)
EXPECTED = rows_of(PLAIN)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder of deliveries, with a file beside it that is none of them."""
    (tmp_path / "secret.csv").write_bytes(PLAIN)
    (tmp_path / "in/deep").mkdir(parents=True)
    return tmp_path / "in"


def refusal(source: BillFile | Path) -> BillError:
    with pytest.raises(BillError) as caught:
        open_bill(source)
    return caught.value


def linked(path: Path, to: str) -> Path:
    path.symlink_to(to)
    return path


@pytest.mark.parametrize("to", ["../secret.csv", "/etc/hostname", "deep/../../secret.csv", "hop.csv", "up/secret.csv"])
def test_a_link_out_of_the_folder_is_refused_and_one_within_is_followed(root: Path, to: str) -> None:
    linked(root / "hop.csv", "../secret.csv")
    linked(root / "up", "..")
    bill = linked(root / "bill.csv", to)
    assert "link to a file outside" in refusal(BillFile(bill, root)).detail
    assert "link to a file outside" in refusal(deliver(root, {"reportKeys": ["bill.csv"]}, {})).detail
    bill.unlink()
    (root / "deep/real.csv").write_bytes(PLAIN)
    with open_bill(BillFile(linked(bill, "deep/../deep/real.csv"), root)) as found:
        assert list(found) == EXPECTED


def test_the_folder_may_itself_be_a_link_and_so_may_a_file_that_a_person_names(root: Path) -> None:
    (root / "bill.csv").write_bytes(PLAIN)
    folder = linked(root.parent / "folder", "in")
    for source in (BillFile(folder / "bill.csv", folder), linked(root.parent / "bill.csv", "in/bill.csv")):
        with open_bill(source) as found:
            assert list(found) == EXPECTED


def test_a_link_that_leads_nowhere_or_round_and_round_is_not_there(root: Path) -> None:
    for to in ("gone.csv", "bill.csv"):
        (root / "bill.csv").unlink(missing_ok=True)
        linked(root / "bill.csv", to)
        with pytest.raises(OSError, match=r"No such file|Too many levels"):
            open_bill(BillFile(root / "bill.csv", root))
        assert "not beside it" in refusal(deliver(root, {"reportKeys": ["bill.csv"]}, {})).detail


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder", "device"])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(root: Path, kind: str) -> None:
    with tempfile.TemporaryDirectory() as short:
        bill = Path(short, "bill.csv")
        match kind:
            case "pipe":
                os.mkfifo(bill)
            case "socket":
                with socket.socket(socket.AF_UNIX) as made:
                    made.bind(str(bill))
            case "folder":
                bill.mkdir()
            case "device":
                linked(bill, "/dev/zero")
        with pytest.raises((BillError, OSError), match=r"not a regular file|No such device"):
            open_bill(bill)
        assert "not beside it" in refusal(deliver(Path(short), {"reportKeys": ["bill.csv"]}, {})).detail
        del root


def test_a_folder_that_is_swapped_for_a_link_between_looking_and_opening_is_not_followed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "deep/secret.csv").write_bytes(PLAIN)
    real = os.path.realpath

    def swapping(path: str | Path, *rest: object) -> str:
        found = real(path, *rest)  # type: ignore[call-overload]
        if str(found).endswith("deep/secret.csv"):
            (root / "deep").rename(root / "former")
            linked(root / "deep", "..")
        return str(found)

    monkeypatch.setattr(os.path, "realpath", swapping)
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        open_bill(BillFile(root / "deep/secret.csv", root))
