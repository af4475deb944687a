"""The records in a JSON document, in the forms of the providers' APIs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kumo.billing import manifests
from kumo.billing.errors import BillError

Record = Mapping[str, Any]

# Marks the records of an answer, so that their format is recognised by more than the requested columns.
COST_QUERY: Final = "costManagementQuery"
_SUBSCRIPTION: Final = re.compile(r"/?subscriptions/([^/]+)", re.IGNORECASE)
_NOT_COSTS: Final = frozenset({"UsageDate", "BillingMonth", "UsageQuantity", "CostUSD", "PreTaxCostUSD"})


def records_of(document: Any) -> Iterable[Record]:  # noqa: ANN401 - any JSON
    """Return the records of a document: itself, its items, or those in the answer of an API.

    Known answers: OpenCost's allocation and cloudCost, `aws ce get-cost-and-usage`, the query and usageDetails APIs of
    Azure. Raises `BillError` for anything else, and for one page of several, which would lack the costs of the others.
    """
    if manifests.names_in(document):
        raise BillError("is a manifest: put it into one zip with its files, or give those files")
    answer = _read_answer(document)
    if answer is not None:
        return answer
    match document:
        case {}:
            return [document]
        case [*items] if all(isinstance(item, Mapping) for item in items):
            return [record for item in items for record in _read_answer(item) or [item]]
    raise BillError("is JSON, but neither a record nor a list of records")


def _read_answer(document: Any) -> Iterable[Record] | None:  # noqa: ANN401 - any JSON
    """Return the records of an API's answer; None if the document is not one."""
    match document:
        case {"ResultsByTime": [*days]}:
            _refuse_page(document, "NextPageToken")
            groups = document.get("GroupDefinitions") or []
            return [record for day in days for record in _read_day(day, groups)]
        # `az costmanagement query` leaves out the properties around columns and rows.
        case {"properties": {"columns": [*columns], "rows": [*rows]} as answer} | (
            {"columns": [*columns], "rows": [*rows]} as answer
        ):
            _refuse_page(answer, "nextLink")
            return _read_rows(columns, rows, str(document.get("id") or ""))
        case {"value": [*items]} if all(isinstance(item, Mapping) for item in items):
            _refuse_page(document, "nextLink")
            return [_read_usage_detail(item) for item in items]
        case {"data": [*_] | {"sets": [*_]} | None as data}:
            return _read_windows(data["sets"] if isinstance(data, Mapping) else data or [])
    return None


def _refuse_page(answer: Record, name: str) -> None:
    if answer.get(name):
        raise BillError(f"is one page of several ({name} is set): request all pages, and give them as one file")


def _read_day(day: Record, definitions: Sequence[Record]) -> Iterable[Record]:
    """Yield a record for each group of a period of Cost Explorer: its dimensions by name, its tags together.

    See the reference of GetCostAndUsage in AWS Billing and Cost Management.
    """
    period = {"TimePeriod": day.get("TimePeriod")}
    groups = day.get("Groups") or []
    if not groups and day.get("Total"):
        yield period | {"Metrics": day["Total"]}
    for group in groups:
        record: dict[str, Any] = {**period, "Metrics": group.get("Metrics"), "Tags": {}}
        for definition, key in zip(definitions, group.get("Keys") or [], strict=False):
            if definition.get("Type") in {"TAG", "COST_CATEGORY"}:
                name, _, value = str(key).partition("$")
                record["Tags"][name] = value
            else:
                record[str(definition.get("Key"))] = key
        yield record


def _read_rows(columns: Sequence[Record], rows: Sequence[Sequence[Any]], scope: str) -> list[Record]:
    """Return the rows of a cost query of Azure with the names of their columns.

    The column of the cost may have any name: it is the numeric column without another meaning.
    """
    names = [str(column.get("name")) for column in columns]
    numbers = [str(column.get("name")) for column in columns if column.get("type") == "Number"]
    if "Cost" not in names and (costs := [name for name in numbers if name not in _NOT_COSTS]):
        names[names.index(costs[0])] = "Cost"
    found = _SUBSCRIPTION.match(scope)
    base = {COST_QUERY: True} | ({"SubscriptionId": found[1]} if found else {})
    if any(len(row) != len(names) for row in rows):
        raise BillError("has a row with more or fewer values than there are columns")
    return [base | dict(zip(names, row, strict=True)) for row in rows]


def _read_usage_detail(item: Record) -> Record:
    """Return an item of Azure's usageDetails with its properties and the details of its meter beside its tags."""
    properties = item.get("properties")
    if not isinstance(properties, Mapping):
        return item
    meter = properties.get("meterDetails")
    return {**(meter if isinstance(meter, Mapping) else {}), **properties, "tags": item.get("tags")}


def _read_windows(windows: Sequence[Any]) -> list[Record]:
    """Return OpenCost's records of windows: allocations, or cloud costs with their names."""
    found: list[Record] = []
    for window in windows:
        costs = window or {}
        if isinstance(costs, Mapping) and isinstance(clouds := costs.get("cloudCosts"), Mapping):
            found += [{"name": name, **item} for name, item in clouds.items() if isinstance(item, Mapping)]
        else:
            found += _read_allocations(costs.get("allocations") if "allocations" in costs else costs)
    return found


def _read_allocations(window: Any) -> list[Record]:  # noqa: ANN401 - any JSON
    if isinstance(window, Mapping) and "totalCost" in window:
        return [window]
    items = window.values() if isinstance(window, Mapping) else window or []
    return [item for item in items if isinstance(item, Mapping)]
