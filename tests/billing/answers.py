"""Answers of APIs, as they are saved."""

import json
from typing import Any


def saved(document: object) -> bytes:
    return json.dumps(document).encode()


def cost_explorer(
    *keys: str, types: tuple[tuple[str, str], ...], end: str = "2026-10-02", **more: object
) -> dict[str, Any]:
    metrics = {"UnblendedCost": {"Amount": "10.5", "Unit": "USD"}, "AmortizedCost": {"Amount": "9", "Unit": "USD"}}
    period = {"Start": "2026-10-01", "End": end}
    return {
        "GroupDefinitions": [{"Type": kind, "Key": key} for kind, key in types],
        "ResultsByTime": [{"TimePeriod": period, "Total": {}, "Groups": [{"Keys": list(keys), "Metrics": metrics}]}],
    } | more


SERVICE = ("DIMENSION", "SERVICE")
