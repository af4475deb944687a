"""Names and formats of Prometheus metrics: families of samples from the engine's figures."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from kumo.api.telemetry import LE
from kumo.domain.alerts import NOT_SENT, AlertStatus
from kumo.domain.feedback import Word, precision
from kumo.domain.imports import ImportStatus
from kumo.domain.measures import BOUNDS_MS, DeliveryTimes, RequestCount, Served, StatusCount, Totals
from kumo.engine.queries.metrics import ImportFigures, MessageFigures


def show_totals(totals: Totals) -> Iterator[Metric]:
    """Yield the totals."""
    yield CounterMetricFamily("kumo_arrivals", "Entries recorded or restated.", totals.arrivals)
    yield CounterMetricFamily("kumo_judged", "Arrivals judged.", totals.judged)
    yield GaugeMetricFamily("kumo_pending", "Arrivals waiting to be judged.", totals.arrivals - totals.judged)
    yield GaugeMetricFamily("kumo_series", "Series.", totals.series)
    yield GaugeMetricFamily("kumo_anomalies_open", "Open anomalies.", totals.open_anomalies)
    yield GaugeMetricFamily("kumo_anomalies", "Stored anomalies.", totals.anomalies)
    yield GaugeMetricFamily("kumo_alerts", "Stored alerts.", totals.alerts)


def show_oldest_arrival(seconds: float) -> Iterator[Metric]:
    """Yield the waiting time of the oldest arrival."""
    yield GaugeMetricFamily("kumo_pending_oldest_seconds", "Waiting time of the oldest pending arrival.", seconds)


def show_alerts(counts: Mapping[AlertStatus, StatusCount]) -> Iterator[Metric]:
    """Yield the alerts by status, how many are not sent yet, and the age of the oldest of them."""
    count = GaugeMetricFamily("kumo_alerts_by_state", "Stored alerts by state of delivery.", labels=["state"])
    oldest = GaugeMetricFamily(
        "kumo_alerts_oldest_seconds", "Age of the oldest alert that is not sent yet.", labels=["state"]
    )
    for status, row in counts.items():
        count.add_metric([status], row.alerts)
        if status in NOT_SENT:
            oldest.add_metric([status], row.oldest)
    not_sent = sum(row.alerts for status, row in counts.items() if status in NOT_SENT)
    yield GaugeMetricFamily("kumo_alerts_due", "Alerts that are not sent yet.", not_sent)
    yield count
    yield oldest


def show_delivery_times(times: DeliveryTimes) -> Iterator[Metric]:
    """Yield the times from the arrival of costs until their alerts were sent."""
    buckets = [(f"{bound / 1000:g}", count) for bound, count in zip(BOUNDS_MS, times.within, strict=True)]
    yield HistogramMetricFamily(
        "kumo_delivery_seconds",
        "Time from the arrival of a cost until its alert was sent.",
        buckets=[*buckets, ("+Inf", times.sent)],
        sum_value=times.seconds,
    )


def show_imports(imports: ImportFigures) -> Iterator[Metric]:
    """Yield uploads by the status of their import, and imports by how they ended."""
    waiting = GaugeMetricFamily("kumo_uploads", "Uploads whose import has not ended.", labels=["status"])
    for status in (ImportStatus.WAITING, ImportStatus.READING, ImportStatus.RECORDING):
        waiting.add_metric([status], imports.waiting.get(status, 0))
    yield waiting
    yield GaugeMetricFamily("kumo_uploads_bytes", "Size of the uploads whose import has not ended.", imports.size)
    yield GaugeMetricFamily("kumo_uploads_oldest_seconds", "Age of the oldest of these uploads.", imports.oldest)
    ended = CounterMetricFamily("kumo_imports", "Imports that ended, by status.", labels=["status"])
    for status in (ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.FORGOTTEN):
        ended.add_metric([status], imports.ended.get(status, 0))
    yield ended


def show_messages(sent: MessageFigures) -> Iterator[Metric]:
    """Yield how many messages were sent, and whether all destinations are on."""
    yield CounterMetricFamily("kumo_messages", "Messages that were sent.", sent.messages)
    yield CounterMetricFamily("kumo_repeats", "Alerts that may have been sent twice.", sent.repeats)
    yield GaugeMetricFamily("kumo_destination_on", "1 while every destination is on, 0 if one is off.", sent.on)


def show_silences(silences: Mapping[str, float]) -> Iterator[Metric]:
    """Yield the time since the last heartbeat of each kind of worker, in seconds."""
    silent = GaugeMetricFamily(
        "kumo_worker_silence_seconds",
        "Time since the last heartbeat of this kind of worker; +Inf if there was none.",
        labels=["worker"],
    )
    for kind, seconds in silences.items():
        silent.add_metric([kind], seconds)
    yield silent


def show_feedback(counts: Mapping[Word, int]) -> Iterator[Metric]:
    """Yield the numbers of anomalies by feedback."""
    said = GaugeMetricFamily("kumo_feedback", "Anomalies by their last feedback.", labels=["word"])
    for word in Word:
        said.add_metric([word], counts.get(word, 0))
    yield said
    share = GaugeMetricFamily("kumo_precision", "Share of true positives among anomalies with feedback true or false.")
    true = precision(counts)
    if true is not None:
        share.add_metric([], true)
    yield share


def show_requests(served: Mapping[Served, RequestCount]) -> Iterator[Metric]:
    """Yield the requests by status, and their durations."""
    labels = ["method", "route"]
    count = CounterMetricFamily("kumo_http_requests", "Requests answered.", labels=[*labels, "status"])
    took = HistogramMetricFamily("kumo_http_request_duration_seconds", "Time to an answer.", labels=labels)
    by_status: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    by_route: defaultdict[tuple[str, str], list[Served]] = defaultdict(list)
    for row, spent in served.items():
        by_status[row.method, row.route, str(row.status)] += spent.requests
        by_route[row.method, row.route].append(row)
    for values, requests in by_status.items():
        count.add_metric(values, requests)
    for route, rows in by_route.items():
        within = [sum(served[row].requests for row in rows if row.bound == bound) for bound in LE]
        seconds = sum(served[row].micros for row in rows) / 1e6
        took.add_metric(route, list(zip(LE, accumulate(within), strict=True)), seconds)
    yield count
    yield took
