"""`make demo`: the whole path once, from a real bill to a Slack message, on the real stack."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Final

import requests

from kumo import sample
from kumo.settings import Settings, environment

START_SECONDS: Final = 30
ALERT_SECONDS: Final = 20
SERVICE: Final = "Amazon Elastic Compute Cloud"
# Ten times the largest cost so far is unusual, however often the demo ran before.
SPIKE: Final = 10


def run_demo(settings: Settings, *, once: bool) -> int:
    """Run the demo; return the exit code. Serve until Ctrl-C unless `once`."""
    base = f"http://{settings.host}:{settings.port}"
    with _slack(settings) as (webhook, messages), _stack(settings, base, webhook) as stack:
        _load(base)
        _drain(base, messages)
        _spike(base)
        _show_alert(base, messages)
        _say(f"Kumo serves at {base} (API: {base}/docs). Ctrl-C stops it.")
        _say(f"The bill's month: {base}/dashboard/?from=2024-09-01&to=2024-09-30")
        try:
            return 0 if once else stack.wait()
        except KeyboardInterrupt:
            return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def _stack(settings: Settings, base: str, webhook: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `kumo up` beside the demo; its output goes to a file, so that the demo stays readable."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log = settings.data_dir / "demo.log"
    environ = environment() | {"SLACK_WEBHOOK_URL": webhook}
    with log.open("wb") as output:
        stack = subprocess.Popen(
            [sys.executable, "-m", "kumo", "up"], env=environ, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_ready(base, stack, log)
        yield stack
    finally:
        stack.terminate()
        stack.wait()


def _wait_until_ready(base: str, stack: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while stack.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(f"{base}/readyz", timeout=2).ok:
                return
        except requests.RequestException:  # not started yet, or too busy with starting
            pass
        time.sleep(0.1)
    sys.exit(f"Kumo did not start; {log} says:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def _slack(settings: Settings) -> Iterator[tuple[str, "Queue[dict[str, Any]] | None"]]:
    """Yield the webhook to alert: the configured one, or our own fake, whose messages can be shown."""
    if settings.slack_webhook_url:
        yield settings.slack_webhook_url, None
        return
    messages: Queue[dict[str, Any]] = Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            messages.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/services/DEMO", messages
    finally:
        server.shutdown()
        server.server_close()


def _load(base: str) -> None:
    entries = sample.entries()
    answer = requests.post(f"{base}/ingest/batch", json=entries, timeout=30)
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        sys.exit("This data folder has API keys: run the demo with another one, KUMO_DATA_DIR=var/demo.")
    answer.raise_for_status()
    result = answer.json()
    _say(f"1. A real bill: {len(entries)} daily costs of {len({str(row['service']) for row in entries})} services.")
    _say(
        f"   POST /ingest/batch → {answer.status_code} accepted {result['accepted']}, duplicates {result['duplicates']}"
    )


def _drain(base: str, messages: "Queue[dict[str, Any]] | None") -> None:
    """Wait until the alerts of the bill itself are sent, so that the next message is about the spike."""
    deadline = time.monotonic() + ALERT_SECONDS
    while time.monotonic() < deadline:
        alerts = requests.get(f"{base}/alerts/", params={"limit": "1000"}, timeout=10).json()
        if _is_judged(base) and all(alert["state"] not in {"pending", "sending", "retry"} for alert in alerts):
            break
        time.sleep(0.1)
    sent = 0
    while messages is not None and not messages.empty():
        messages.get()
        sent += 1
    jumps = requests.get(f"{base}/anomalies/", params={"limit": "1000"}, timeout=10).json()
    _say(f"   The bill itself has {len(jumps)} anomalies, too old for an alert each ({sent} messages).")


def _is_judged(base: str) -> bool:
    return not requests.get(f"{base}/costs/", params={"status": "pending", "limit": "1"}, timeout=10).json()


def _spike(base: str) -> None:
    past = requests.get(f"{base}/costs/", params={"service": SERVICE, "limit": "1000"}, timeout=10).json()
    series: dict[str, str] = {name: past[0][name] for name in ("service", "provider", "account", "region", "currency")}
    same = [Decimal(row["amount_exact"]) for row in past if all(row[name] == series[name] for name in series)]
    entry = series | {"amount": str(SPIKE * max(same))}
    _say(f"\n2. A spike, {SPIKE} times the largest cost so far:\n   POST /ingest/ {json.dumps(entry)}")
    answer = requests.post(f"{base}/ingest/", json=entry, headers={"Prefer": "wait=10"}, timeout=15)
    answer.raise_for_status()
    _say(f"   → {answer.status_code}, recorded and judged:")
    _say(json.dumps(answer.json(), indent=2, ensure_ascii=False))


def _show_alert(base: str, messages: "Queue[dict[str, Any]] | None") -> None:
    _say("\n3. The Slack message:")
    if messages is None:
        time.sleep(1)
        _say(json.dumps(requests.get(f"{base}/alerts/", params={"limit": 1}, timeout=10).json(), indent=2))
        return
    try:
        message = messages.get(timeout=ALERT_SECONDS)
    except Empty:
        sys.exit("No alert arrived.")
    _say(f"   {message['text']}\n\n   as Block Kit:")
    _say(json.dumps(message, indent=2, ensure_ascii=False))
