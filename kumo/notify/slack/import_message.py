"""The one alert about an import of old days, in Slack. It replaces one alert for each anomaly."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from kumo.domain.alerts import AlertKind, ImportSummary, OldAnomaly
from kumo.notify.slack import blocks
from kumo.notify.slack.blocks import escape
from kumo.notify.text import TITLES, join, write_money

MAX_NAME: Final = 55
TOP: Final = 5
# A bill in more currencies than these does not need a longer message.
MAX_CURRENCIES: Final = 5


def build_card(summary: ImportSummary, evidence: str) -> list[dict[str, object]]:
    """Build the blocks of the message about one import."""
    largest = [_describe_anomaly(each) for each in summary.largest[:TOP]]
    return [
        blocks.header(join(TITLES[AlertKind.IMPORTED], escape(summary.name, MAX_NAME))),
        blocks.section(blocks.plain_text(_describe_figures(summary))),
        *([blocks.section(blocks.plain_text("\n".join(largest)))] if largest else []),
        blocks.context(evidence),
    ]


def describe(summary: ImportSummary) -> str:
    """Describe an import in one line."""
    return join(escape(summary.name, MAX_NAME), _describe_figures(summary))


def _describe_figures(summary: ImportSummary) -> str:
    one_day = summary.first_day == summary.last_day
    days = summary.first_day if one_day else f"{summary.first_day} to {summary.last_day}"
    services = f"{summary.services:,} service{'' if summary.services == 1 else 's'}"
    return f"{join(escape(days), services, _describe_money(summary.money))}. {_count_anomalies(summary)}"


def _describe_money(money: Sequence[tuple[str, int]]) -> str:
    parts = [write_money(micros, currency) for currency, micros in money[:MAX_CURRENCIES]]
    more = len(money) - len(parts)
    return ", ".join([*parts, *([f"{more} more currencies"] if more else [])])


def _count_anomalies(summary: ImportSummary) -> str:
    if not summary.anomalies:
        return "No anomalies in its older days."
    count = "1 anomaly" if summary.anomalies == 1 else f"{summary.anomalies:,} anomalies"
    return f"{count} in its older days, without an alert for each."


def _describe_anomaly(anomaly: OldAnomaly) -> str:
    day = datetime.fromtimestamp(anomaly.timestamp / 1000, UTC)
    name, account = escape(anomaly.service, MAX_NAME), escape(anomaly.account, MAX_NAME)
    return join(name, account, f"{day:%Y-%m-%d}", f"{write_money(anomaly.impact, anomaly.currency)} above expected")
