"""Write the one alert about an import of old days. It replaces one alert for each anomaly."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from kumo.domain.alerts import Alert, Found, Imported
from kumo.notify import words

TITLE: Final = "Bill imported"
MAX_NAME: Final = 55
TOP: Final = 5
# A bill in more currencies than these does not need a longer message.
MAX_CURRENCIES: Final = 5
_NOTHING: Final = Imported(name="", first_day="", last_day="", services=0, entries=0, money=(), anomalies=0)


def card(alert: Alert, evidence: str) -> list[dict[str, object]]:
    """Lay out the message about one import."""
    told = alert.imported or _NOTHING
    found = [_describe(each) for each in told.found[:TOP]]
    return [
        words.header(words.join(TITLE, words.literal(told.name, MAX_NAME))),
        words.section(words.plain(_summary(told))),
        *([words.section(words.plain("\n".join(found)))] if found else []),
        words.context(evidence),
    ]


def line(alert: Alert) -> str:
    """Describe the import in one line."""
    told = alert.imported or _NOTHING
    return words.join(words.literal(told.name, MAX_NAME), _summary(told))


def _summary(told: Imported) -> str:
    days = told.first_day if told.first_day == told.last_day else f"{told.first_day} to {told.last_day}"
    services = f"{told.services:,} service{'' if told.services == 1 else 's'}"
    return f"{words.join(words.literal(days), services, _money(told.money))}. {_anomalies(told)}"


def _money(money: Sequence[tuple[str, int]]) -> str:
    parts = [words.money(micros, currency) for currency, micros in money[:MAX_CURRENCIES]]
    more = len(money) - len(parts)
    return ", ".join([*parts, *([f"{more} more currencies"] if more else [])])


def _anomalies(told: Imported) -> str:
    """Count the anomalies in days that are too old for an alert each."""
    if not told.anomalies:
        return "No anomalies in its older days."
    anomalies = "1 anomaly" if told.anomalies == 1 else f"{told.anomalies:,} anomalies"
    return f"{anomalies} in its older days, without an alert for each."


def _describe(each: Found) -> str:
    day = datetime.fromtimestamp(each.timestamp / 1000, UTC)
    name, account = words.literal(each.service, MAX_NAME), words.literal(each.account, MAX_NAME)
    return words.join(name, account, f"{day:%Y-%m-%d}", f"{words.money(each.impact, each.currency)} above expected")
