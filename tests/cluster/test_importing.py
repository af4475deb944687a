"""Bills on a cluster: their entries spread over its nodes, replaced and taken out there as on one server."""

from kumo.domain.imports import ImportStatus
from kumo.engine.imports import lifecycle
from tests.cluster.nodes import Nodes
from tests.conftest import Build
from tests.engine.imports import bills
from tests.engine.imports.bills import Cost, counts, load, sound

MONTH: list[Cost] = [(day, f"service {number}", 10 + number) for day in range(20) for number in range(20)]


def test_a_bill_is_imported_replaced_and_forgotten_across_nodes(build: Build, cluster: Nodes) -> None:
    services = build(KUMO_ALERT_MAX_AGE="3")
    load(services, bills.simple(MONTH))
    sound(services)
    assert all(any(b":scope:" in key for key in node.client.scan_iter(count=1000)) for node in cluster.all)
    again = [(day, service, 99 if day == 3 else cost) for day, service, cost in MONTH if service != "service 7"]
    assert counts(load(services, bills.simple(again))) == (0, 20, 19, 361)
    assert bills.sums(services) == bills.of(again)
    sound(services)
    assert load(services, bills.simple(again)).same_as == "2"
    assert lifecycle.forget(services, "2").status is ImportStatus.FORGOTTEN
    assert bills.costs(services) == []
    sound(services)
    assert [row.id for row in lifecycle.list_all(services)] == ["2", "1"]
