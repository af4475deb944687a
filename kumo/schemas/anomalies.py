"""An anomaly as it is shown, and what may be asked."""

from kumo.domain import money
from kumo.domain.anomalies import Phase
from kumo.schemas import fields as kinds
from kumo.schemas.fields import Answer, moment, shown, units
from kumo.schemas.listing import TimedListing, cursor, one_of


class AnomalySchema(Answer):
    """An episode of one series."""

    id = shown("anomaly.id", "The anomaly's id.", "5woeftbt6mygcc7u-0000000015")
    series = shown("anomaly.series_id", "The id of the series it befell.", "5woeftbt6mygcc7u")
    service = shown("series.service", *kinds.SERVICE)
    provider = shown("series.provider", *kinds.PROVIDER)
    account = shown("series.account", *kinds.ACCOUNT)
    region = shown("series.region", *kinds.REGION)
    currency = shown("series.currency", *kinds.CURRENCY)
    status = shown(
        "anomaly.phase",
        "Closed by two calm entries in a row; withdrawn where restating left nothing of it.",
        "open",
        enum=[*map(str, Phase)],
    )
    opened_by = shown("anomaly.opened_by", "The entry that opened it.", "5woeftbt6mygcc7u-0000000015")
    first_seen = moment("anomaly.first_seen", "The timestamp of its first entry.")
    last_seen = moment("anomaly.last_seen", "The timestamp of its last entry.")
    entries = shown("anomaly.entries", "Entries judged so.", 1)
    peak_z = shown("anomaly.peak_z", "The highest z of any of them.", 16.98)
    total_impact = shown(lambda state: units(state.anomaly.total_impact), "How far they lie above, in sum.", 450.25)
    total_impact_exact = shown(lambda state: money.exact(state.anomaly.total_impact), "The same, exactly.", "450.25")
    alerts = shown("anomaly.alerts", "Alerts raised about it.", 1)


class AnomaliesQuery(TimedListing):
    """What GET /anomalies/ takes; times are those of the first entry."""

    status = one_of(Phase, "Only those of this status.")
    cursor = cursor(r"\d{1,15}-[a-z2-7]{16}-[0-9a-f]{10}")
