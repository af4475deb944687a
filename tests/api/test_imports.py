"""Bills over HTTP: taken in, shown as they come on, listed, forgotten."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from kumo.engine.imports import importer
from kumo.services import Services
from kumo.store import keys
from tests.api.bills import paged
from tests.api.refusals import refused
from tests.api.uploads import upload
from tests.billing.samples import FIXTURES
from tests.engine.imports.aging import on, swept, totals
from tests.engine.imports.bills import arrivals, expected, of, simple, sound, summed, sums
from tests.faults import no_room

SAMPLE = "focus/focus10_sample_multicloud_1000.csv"
JUNE = [(day, service, 10 + day) for day in range(5) for service in ("EC2", "S3")]


def imported(client: FlaskClient, answer: TestResponse) -> dict[str, Any]:
    found: dict[str, Any] = client.get(answer.headers["Location"]).get_json()
    return found


@pytest.fixture
def importing(built: Services) -> Callable[[], None]:
    """Return a function that imports all that waits."""

    def run() -> None:
        while built.store.client.hlen(keys.UPLOADS):
            importer.work(built, lambda: False)

    return run


def test_a_bill_is_taken_in_at_once_and_imported_after(
    client: FlaskClient, built: Services, importing: Callable[[], None]
) -> None:
    answer = upload(client, FIXTURES / SAMPLE, "bills/2024-09.csv")
    assert answer.status_code == 202
    taken = answer.get_json()
    assert answer.headers["Location"] == f"/imports/{taken['id']}"
    assert (taken["status"], taken["name"], taken["progress"]) == ("waiting", "2024-09.csv", None)
    assert arrivals(built) == 0
    importing()
    done = imported(client, answer)
    assert (done["status"], done["rows"], done["error"], done["format"]) == ("done", 1000, None, "focus")
    assert done["added"] == {"entries": 721, "money": {"USD": "14.976516"}}
    assert done["unchanged"] == done["removed"] == done["changed"] == {"entries": 0, "money": {}}
    assert (done["first_day"], done["last_day"], done["services"]) == ("2024-09-01", "2024-09-30", 33)
    assert done["scopes"][0]["period"] == "2024-09"
    assert summed(built) == expected(FIXTURES / SAMPLE)
    sound(built)


def test_what_is_over_leaves_nothing_behind(
    client: FlaskClient, redis_client: Redis, importing: Callable[[], None]
) -> None:
    upload(client, simple(JUNE))
    assert redis_client.keys("kumo:upload*")
    importing()
    assert redis_client.keys("kumo:upload*") == []


def test_every_piece_of_an_upload_ends_by_itself(client: FlaskClient, built: Services, redis_client: Redis) -> None:
    answer = upload(client, b"x" * (2 * 2**20 + 5))
    number = int(answer.get_json()["id"])
    assert [redis_client.strlen(keys.upload_piece(number, place)) for place in range(4)] == [2**20, 2**20, 5, 0]
    assert all(0 < redis_client.ttl(keys.upload_piece(number, place)) <= 86_400 for place in range(3))
    redis_client.delete(keys.upload_piece(number, 1))
    importer.work(built, lambda: False)
    assert "upload the bill again" in imported(client, answer)["error"]["detail"]
    assert redis_client.keys("kumo:upload*") == []


def test_the_same_bytes_again_are_no_work(client: FlaskClient, built: Services, importing: Callable[[], None]) -> None:
    first, again = upload(client, simple(JUNE)), upload(client, simple(JUNE), "copy.csv")
    importing()
    count = arrivals(built)
    assert count == len(JUNE)
    assert (imported(client, again)["status"], imported(client, again)["same_as"]) == ("done", first.get_json()["id"])
    assert imported(client, first)["same_as"] is None
    sound(built)


def test_choices_are_followed(client: FlaskClient, built: Services, importing: Callable[[], None]) -> None:
    upload(client, simple([(0, "EC2", 24)]), granularity="hourly", detect="tax,fee", account="", currency="EUR")
    importing()
    assert arrivals(built) == 1
    answer = upload(client, FIXTURES / "opencost/export-sample.csv", currency="EUR", account="cluster")
    importing()
    done = imported(client, answer)
    assert list(done["money"]) == ["EUR"]
    assert done["scopes"][0]["account"]


def test_a_bill_that_is_refused_says_where_and_leaves_nothing(
    client: FlaskClient, built: Services, importing: Callable[[], None]
) -> None:
    answer = upload(client, simple(JUNE).replace(b",14,", b",x14,"))
    importing()
    failed = imported(client, answer)
    assert failed["status"] == "failed"
    assert failed["error"]["file"] == "bill.csv"
    assert (failed["error"]["row"], failed["error"]["column"]) == (10, "BilledCost")
    assert failed["finished_at"]
    assert arrivals(built) == 0


def test_a_manifest_alone_names_files_that_are_not_there(client: FlaskClient, importing: Callable[[], None]) -> None:
    answer = upload(client, b'{"reportKeys": ["etc/passwd", "../../etc/passwd"]}', "manifest.json")
    importing()
    failed = imported(client, answer)
    assert failed["status"] == "failed"
    assert "kumo-upload" not in str(failed)


def test_imports_are_listed_newest_first_by_pages(client: FlaskClient, importing: Callable[[], None]) -> None:
    ids = [upload(client, simple([(0, f"service {place}", place)])).get_json()["id"] for place in range(5)]
    importing()
    for limit in (1, 2, 5, 1000):
        assert [row["id"] for row in paged(client, "/imports/", limit=limit)] == ids[::-1]
    refused(client.get("/imports/?limit=0"), 422)
    refused(client.get("/imports/?cursor=x"), 422)
    refused(client.get("/imports/?service=x"), 422)
    refused(client.get("/imports/99"), 404)
    refused(client.get("/imports/x"), 404)


def test_an_import_shows_how_far_it_has_come(client: FlaskClient, built: Services) -> None:
    answer = upload(client, simple(JUNE))
    seen = []

    def look() -> bool:
        seen.append(imported(client, answer)["progress"])
        return False

    importer.work(built, look)
    assert seen[0] is None
    assert {"phase": "reading", "done": len(simple(JUNE)), "total": len(simple(JUNE))} in seen
    assert imported(client, answer)["progress"] is None


def test_an_import_that_is_put_off_says_why(client: FlaskClient, built: Services) -> None:
    answer = upload(client, simple(JUNE))
    for times in (1, 2):
        with no_room():
            importer.work(built, lambda: False)
        waits = imported(client, answer)
        assert (waits["status"], waits["error"]) == ("waiting", None)
        assert waits["delay"] == {"detail": "File too large", "times": times}
        built.store.client.delete(keys.upload_pause(int(waits["id"])))
    importer.work(built, lambda: False)
    assert (imported(client, answer)["status"], imported(client, answer)["delay"]) == ("done", None)


def test_a_forgotten_import_is_out_of_all_sums(
    client: FlaskClient, built: Services, importing: Callable[[], None]
) -> None:
    first = upload(client, simple(JUNE))
    importing()
    same = upload(client, simple(JUNE))
    importing()
    refused(client.delete(same.headers["Location"]), 409)
    upload(client, simple([(1, "RDS", 7)]).replace(b"0001", b"0009"))
    importing()
    for _ in range(2):
        answer = client.delete(first.headers["Location"])
        assert (answer.status_code, answer.get_json()["status"]) == (200, "forgotten")
    assert sums(built) == of([(1, "RDS", 7)])
    assert imported(client, first)["status"] == "forgotten"
    refused(client.delete("/imports/99"), 404)
    sound(built)


def test_days_that_the_retention_has_reached_are_counted_and_said(client: FlaskClient, built: Services) -> None:
    answer = upload(client, simple(JUNE))
    importer.work(on(built, 33, 30), lambda: False)
    done = imported(client, answer)
    assert (done["left_out"], done["added"]["entries"], len(done["notes"])) == (3, 4, 1)
    swept(on(built, 34, 30))
    forgotten = client.delete(answer.headers["Location"]).get_json()
    assert forgotten["notes"][-1] == "its days before 2025-06-05 are older than the retention and do not change"
    assert totals(built) == of(JUNE[6:8])


def test_an_upload_that_waits_can_be_forgotten(
    client: FlaskClient, built: Services, importing: Callable[[], None]
) -> None:
    waits = upload(client, simple(JUNE))
    answer = client.delete(waits.headers["Location"])
    assert (answer.status_code, answer.get_json()["status"]) == (200, "forgotten")
    importing()
    assert imported(client, waits)["status"] == "forgotten"
    assert arrivals(built) == 0


def test_a_table_is_uploaded_with_a_map_of_its_columns(client: FlaskClient, importing: Callable[[], None]) -> None:
    table = b"Day,Net,Product\n2026-10-01,1.5,Mail\n"
    given = {"file": (io.BytesIO(table), "mail.csv"), "map": "timestamp=Day,amount=Net,service=Product,currency==EUR"}
    answer = client.post("/imports/", data=given)
    assert answer.status_code == 202
    importing()
    assert client.get(answer.headers["Location"]).get_json()["money"] == {"EUR": "1.5"}


def test_a_map_that_makes_no_sense_is_refused_before_anything_is_stored(client: FlaskClient) -> None:
    answer = client.post("/imports/", data={"file": (io.BytesIO(b"Day,Net\n"), "mail.csv"), "map": "amount=Net"})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "map")
    assert client.get("/imports/").get_json() == []
