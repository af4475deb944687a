"""The figures as Prometheus reads them, by its own parser."""

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families


def value(client: FlaskClient, name: str, **labels: str) -> float | None:
    """Return one sample of /metrics, None if it is missing."""
    return samples(client).get((name, frozenset(labels.items())))


def samples(client: FlaskClient, query: str = "") -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return all samples of /metrics by name and labels."""
    families = text_string_to_metric_families(client.get(f"/metrics{query}").text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }
