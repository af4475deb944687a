"""The Prometheus metrics."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, Generic, TypeVar

import redis
from flask import Response, current_app, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from kumo.api import figures, telemetry
from kumo.api.blueprint import Blueprint, services
from kumo.domain.measures import BOUNDS_MS, DeliveryTimes, RequestCount, Served, Totals
from kumo.engine import liveness
from kumo.engine.queries import metrics
from kumo.engine.queries.metrics import ImportFigures, MessageFigures
from kumo.errors import FieldError, InvalidQueryError
from kumo.services import Services

Measured = TypeVar("Measured")

CHOSEN: Final = "name[]"
MOST_CHOSEN: Final = 50
# Kumo's names of metrics.
NAME: Final = "[a-z][a-z_]{0,63}"

blp = Blueprint("metrics", __name__, description="Prometheus metrics.")


@blp.route("/metrics")
@blp.response(
    200,
    {"type": "string"},
    content_type="text/plain",
    description="The metrics in Prometheus' text format.",
    example="kumo_arrivals_total 1042.0\nkumo_pending 0.0\n",
)
@blp.refuses(422)
@blp.doc(
    operationId="showMetrics",
    parameters=[
        {
            "in": "query",
            "name": CHOSEN,
            "description": "Show only these metrics; may be repeated.",
            "schema": {"type": "array", "items": {"type": "string", "pattern": f"^{NAME}$"}, "maxItems": MOST_CHOSEN},
            "example": ["kumo_pending"],
        }
    ],
)
def show() -> Response:
    """Show what is recorded, pending, judged and sent, and how requests are answered."""
    registry = _registry(services())
    names = _chosen()
    chosen = registry.restricted_registry(names) if names else registry
    return Response(generate_latest(chosen), content_type=CONTENT_TYPE_PLAIN_1_0_0)


def _chosen() -> list[str]:
    """Return the requested names of metrics, empty for all; raise `InvalidQueryError`."""
    names = request.args.getlist(CHOSEN)
    if len(names) > MOST_CHOSEN or not all(re.fullmatch(NAME, name) for name in names):
        raise InvalidQueryError([FieldError(CHOSEN, f"must be the names of at most {MOST_CHOSEN} metrics")])
    return names


def _registry(built: Services) -> CollectorRegistry:
    """Return a registry that measures only the requested metrics."""
    unsent = MessageFigures(messages=0, repeats=0, on=True)
    untimed = DeliveryTimes((0,) * len(BOUNDS_MS), sent=0, seconds=0.0)
    groups: tuple[_Figures[Any], ...] = (
        _Figures(figures.show_totals, partial(metrics.count, built), Totals(**dict.fromkeys(Totals._fields, 0))),
        _Figures(figures.show_oldest_arrival, partial(metrics.find_oldest_arrival, built), 0.0),
        _Figures(figures.show_alerts, partial(metrics.count_alerts, built), {}),
        _Figures(figures.show_delivery_times, partial(metrics.find_delivery_times, built), untimed),
        _Figures(figures.show_imports, partial(metrics.count_imports, built), ImportFigures({}, 0, 0.0, {})),
        _Figures(figures.show_messages, partial(metrics.count_messages, built), unsent),
        _Figures(figures.show_silences, partial(liveness.find_silences, built), {}),
        _Figures(figures.show_feedback, partial(metrics.count_feedback, built), {}),
        _Figures(figures.show_requests, partial(_count_requests, built), {}),
    )
    registry = CollectorRegistry()
    for group in groups:
        registry.register(group)
    return registry


def _count_requests(built: Services) -> dict[Served, RequestCount]:
    """Count the requests; return none while the broker is away, so that the other metrics still work."""
    current_app.extensions[telemetry.EXTENSION].flush()
    try:
        return metrics.count_requests(built)
    except redis.RedisError:
        return {}


class _Figures(Generic[Measured]):
    """Metrics that are measured together, as a collector for prometheus-client."""

    def __init__(
        self, show: Callable[[Measured], Iterator[Metric]], measure: Callable[[], Measured], nothing: Measured
    ) -> None:
        """Measure nothing yet; `nothing` is the result for an empty store."""
        self._show = show
        self._measure = measure
        self._nothing = nothing

    def describe(self) -> Iterator[Metric]:
        """Yield the metrics without values."""
        return self._show(self._nothing)

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its value, name and description."""
        return self._show(self._measure())
