"""`make demo`: sixty days of a made-up company, and what happens to it today, on the real stack."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final

import requests

from kumo.cli.sandbox import Sandbox, open_sandbox
from kumo.cli.supervisor import exiting
from kumo.sample import days
from kumo.settings import Settings

BATCH: Final = 1_000
# Nothing new for so long: then all is judged and told.
QUIET_SECONDS: Final = 1.5
PATIENCE_SECONDS: Final = 45
SHOWN: Final = 5
DUE: Final = frozenset({"pending", "sending", "retry"})


def run_demo(settings: Settings, *, once: bool) -> int:
    """Run the demo; return the exit code: 1 if something raised no alert. Serve until Ctrl-C unless `once`."""
    now = datetime.fromtimestamp(time.time(), UTC)
    with exiting(), open_sandbox(settings) as sandbox:
        demo = Demo(sandbox)
        demo.load(days.list_history(now), days.list_today(now))
        told = [
            demo.post_spike(days.make_spike(now)),
            demo.post_leak(days.list_leak(now)),
            demo.post_new_region(days.list_new_region(now)),
        ]
        _say(f"\nKumo serves at {sandbox.url}/dashboard/ (API: {sandbox.url}/docs).")
        _say("Ctrl-C stops it and removes the data.")
        try:
            return 0 if all(told) and (once or sandbox.process.wait() == 0) else 1
        except KeyboardInterrupt:
            return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Demo:
    """Posts costs and says what became of them."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Talk to this Kumo."""
        self._sandbox = sandbox
        self._known_alerts: set[str] = set()

    def load(self, history: Iterable[days.Cost], today: Iterable[days.Cost]) -> None:
        """Post the past and what today cost so far; say what Kumo finds in it."""
        begun = time.monotonic()
        over = list(history)
        self._post_batches(over)
        recorded = time.monotonic()
        self._settle()
        judged = time.monotonic()
        self._post_batches(list(today))
        self._settle()
        _say(f"1. Sixty days of a company, made up: {_describe_costs(over)}.")
        _say(f"   Recorded in {recorded - begun:.1f} s, judged after {judged - recorded:.1f} s more.")
        found = sorted(self._get("/anomalies/", limit=1000), key=lambda row: -row["impact"])
        _say(f"   Anomalies that Kumo finds in them: {len(found)}")
        for row in found[:SHOWN]:
            _say(f"   - {_describe_anomaly(row)}")
        if len(found) > SHOWN:
            _say(f"   - and {len(found) - SHOWN} more")
        self._show_alerts("No alert: what is older than three days is listed only.")

    def post_spike(self, cost: days.Cost) -> bool:
        """Post a cost out of line; return whether it raised an alert."""
        _say(f"\n2. A spike, seven times a usual day:\n   POST /ingest/ {json.dumps(cost)}")
        answer = requests.post(f"{self._sandbox.url}/ingest/", json=cost, headers={"Prefer": "wait=10"}, timeout=15)
        answer.raise_for_status()
        _say(f"   → {answer.status_code}, recorded and judged: {answer.json()['reason']}")
        return self._wait_for_alert(cost["service"])

    def post_leak(self, calls: Sequence[days.Cost]) -> bool:
        """Post many small calls; return whether they raised an alert."""
        usual = f"where {days.CALLS} a day are usual"
        _say(f"\n3. A leaked key: {len(calls):,} calls of some cents, {usual}: {_sum(calls):,.2f} USD")
        self._post_batches(calls)
        return self._wait_for_alert(calls[0]["service"])

    def post_new_region(self, costs: Sequence[days.Cost]) -> bool:
        """Post the first costs of a region; return whether they raised an alert."""
        region = costs[0]["region"]
        _say(f"\n4. A region that was never used: {len(costs)} machines in {region}: {_sum(costs):,.2f} USD")
        self._post_batches(costs)
        return self._wait_for_alert(region)

    def _post_batches(self, costs: Sequence[days.Cost]) -> None:
        rows = iter(costs)
        while batch := list(islice(rows, BATCH)):
            requests.post(f"{self._sandbox.url}/ingest/batch", json=batch, timeout=60).raise_for_status()

    def _wait_for_alert(self, name: object) -> bool:
        """Wait for an alert about a service or region, and show all new alerts; return whether it came."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (came := self._has_alert(name)) and time.monotonic() < deadline:
            time.sleep(0.1)
        self._settle()
        self._show_alerts("No alert.")
        if not came:
            _say(f"   No alert about {name} came within {PATIENCE_SECONDS} seconds.")
        return came

    def _has_alert(self, name: object) -> bool:
        return any(name in row.values() for row in self._find_new_alerts())

    def _show_alerts(self, otherwise: str) -> None:
        """Say which alerts are new, in the words of the message."""
        alerts = self._find_new_alerts()
        self._known_alerts |= {row["id"] for row in alerts}
        texts = self._sandbox.take_messages()
        for text in texts:
            _say("   Message: " + text.replace("\n", "\n     "))
        if alerts and not texts:
            states = Counter(row["state"] for row in alerts)
            _say(f"   Alerts to your webhook: {', '.join(f'{number} {state}' for state, number in states.items())}")
        if not alerts:
            _say(f"   {otherwise}")

    def _find_new_alerts(self) -> list[dict[str, Any]]:
        return [row for row in self._get("/alerts/", limit=1000) if row["id"] not in self._known_alerts]

    def _settle(self) -> None:
        """Wait until all is judged and sent: until nothing has changed for a while."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        before, since = "", time.monotonic()
        while time.monotonic() < min(deadline, since + QUIET_SECONDS):
            alerts = self._get("/alerts/", limit=1000)
            busy = self._is_judging() or any(row["state"] in DUE for row in alerts)
            seen = json.dumps([alerts, self._get("/anomalies/", limit=1000)])
            if busy or seen != before:
                before, since = seen, time.monotonic()
            time.sleep(0.1)

    def _is_judging(self) -> bool:
        """Return whether costs, or the totals of all and of the accounts, wait for a judge."""
        if self._get("/costs/", status="pending", limit=1):
            return True
        rows = [row for dimension in ("all", "account") for row in self._get("/groups/", dimension=dimension)]
        return any(row["status"] in {"pending", "unjudged"} for row in rows)

    def _get(self, path: str, **query: str | int) -> list[dict[str, Any]]:
        answer = requests.get(self._sandbox.url + path, params=query, timeout=15)
        answer.raise_for_status()
        return list(answer.json())


def _describe_costs(costs: Sequence[days.Cost]) -> str:
    names = ("provider", "account", "region", "service")
    series = {tuple(cost[name] for name in names) for cost in costs}
    accounts = {cost["account"] for cost in costs}
    return (
        f"{len(costs):,} costs of {len(series)} series in {len(accounts)} accounts,"
        f" {_sum(costs) / days.DAYS:,.0f} USD a day"
    )


def _sum(costs: Iterable[days.Cost]) -> float:
    return sum(float(str(cost["amount"])) for cost in costs)


def _describe_anomaly(row: dict[str, Any]) -> str:
    first = date.fromisoformat(row["first_seen"][:10])
    return f"{row['title']}: {row['impact']:+,.2f} {row['currency']} since {first:%d %B}, {row['status']}"
