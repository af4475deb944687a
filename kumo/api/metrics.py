"""The figures for Prometheus."""

from collections.abc import Iterator

from flask import Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from kumo.api import services
from kumo.api.blueprint import Blueprint
from kumo.domain.feedback import Word, precision
from kumo.engine import metrics
from kumo.engine.metrics import Metrics

blp = Blueprint("metrics", __name__, description="Figures for Prometheus.")


@blp.route("/metrics")
@blp.response(
    200,
    {"type": "string"},
    content_type="text/plain",
    description="The figures in Prometheus' text format.",
    example="kumo_arrivals_total 1042.0\nkumo_pending 0.0\n",
)
@blp.refuses()
@blp.doc(operationId="showMetrics")
def show() -> Response:
    """Show how much is recorded, waiting, judged and told."""
    registry = CollectorRegistry()
    registry.register(_Collector(metrics.measure(services())))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_1_0_0)


class _Collector:
    """Hands figures that were just measured to prometheus-client, which would rather count by itself."""

    def __init__(self, measured: Metrics) -> None:
        """Keep the figures."""
        self._measured = measured

    def collect(self) -> Iterator[Metric]:
        """Yield each figure with its name and meaning."""
        totals, slack = self._measured.totals, self._measured.slack
        yield CounterMetricFamily("kumo_arrivals", "Entries recorded or restated.", totals.arrivals)
        yield CounterMetricFamily("kumo_judged", "Arrivals judged.", totals.judged)
        yield GaugeMetricFamily("kumo_pending", "Arrivals waiting to be judged.", totals.arrivals - totals.judged)
        yield GaugeMetricFamily("kumo_series", "Series.", totals.series)
        yield GaugeMetricFamily("kumo_anomalies_open", "Anomalies that are open.", totals.open_anomalies)
        yield GaugeMetricFamily("kumo_anomalies", "Anomalies kept.", totals.anomalies)
        yield GaugeMetricFamily("kumo_alerts", "Alerts kept.", totals.alerts)
        yield GaugeMetricFamily("kumo_alerts_due", "Alerts still to be told.", totals.due)
        said = GaugeMetricFamily("kumo_feedback", "Anomalies by what people said of them last.", labels=["word"])
        for word in Word:
            said.add_metric([word], self._measured.feedback.get(word, 0))
        yield said
        share = precision(self._measured.feedback)
        if share is not None:
            yield GaugeMetricFamily("kumo_precision", "Share of true ones among those called true or false.", share)
        yield CounterMetricFamily("kumo_messages", "Messages that Slack took.", slack.messages)
        yield CounterMetricFamily("kumo_repeats", "Alerts that may have come again.", slack.repeats)
        yield GaugeMetricFamily("kumo_destination_on", "1 while Slack listens, 0 once it is off.", slack.state == "on")
