"""Write alerts for Slack, so that no text from data can change the look of a message.

Such text appears only in `plain_text` objects, which Slack shows letter by letter, and in the
fallback text, for which markup is turned off. `mrkdwn` objects contain only Kumo's own words,
figures and links. Everything is escaped as well, because Slack acts on `<!channel>` in any text.

- Escaping and markup: https://docs.slack.dev/messaging/formatting-message-text
- Limits: https://docs.slack.dev/reference/block-kit/blocks (and /section-block, /header-block)
"""

import html
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from kumo.domain.alerts import Alert, Kind
from kumo.domain.money import micros_of
from kumo.notify import imported, words

TITLES: Final = {
    Kind.OPENED: "Cost jumped",
    Kind.WORSENED: "Getting worse",
    Kind.WITHDRAWN: "Withdrawn: the cost was corrected",
    Kind.TEST: "Test message from Kumo",
    Kind.IMPORTED: imported.TITLE,
}
TEST_TEXT: Final = "If you can read this, Kumo's alerts reach this channel."
REPEAT: Final = "possible repeat"
NAMELESS: Final = "(no name)"

TOP: Final = 10
DRIVERS: Final = 3
# Slack allows 50 blocks, 150 characters in a header, 3,000 in a section and 2,000 in each of its
# 10 fields. It does not say whether an emoji counts as one or two, so half of each limit is safe. Four
# values and the figures share a field.
MAX_NAME: Final = 55
MAX_LINK: Final = 500
MAX_TEXT: Final = 3_900


def compose(alerts: Sequence[Alert], public_url: str) -> dict[str, object]:
    """Build the payload for one or more alerts: blocks, and text for clients that show no blocks.

    Several alerts make one message: the ten with the largest impact, and a count of the rest.
    `public_url` is the address of Kumo; each alert links to its anomaly there.
    """
    one = len(alerts) == 1
    blocks = _card(alerts[0], public_url) if one else _digest(alerts, public_url)
    return {**plain(alerts, public_url), "blocks": blocks}


def plain(alerts: Sequence[Alert], public_url: str) -> dict[str, object]:
    """Build the short payload without blocks, for when Slack refuses the long one."""
    top, rest = _rank(alerts)
    lines = [_line(alert, public_url) for alert in top]
    if len(alerts) > 1:
        lines.insert(0, _count(alerts))
    more = f"\n{_rest(rest)}" if rest else ""
    text = words.cut("\n".join(lines), MAX_TEXT - len(more)) + more
    return {"text": text, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def _card(alert: Alert, public_url: str) -> list[dict[str, object]]:
    """Build the blocks of the message about one alert."""
    if alert.kind is Kind.TEST:
        return [
            words.header(TITLES[alert.kind]),
            words.section(words.plain(TEST_TEXT)),
            words.context(_evidence(alert)),
        ]
    if alert.kind is Kind.IMPORTED:
        return imported.card(alert, _evidence(alert))
    named = {"Service": _name(alert)} | {
        label: words.literal(value)
        for label, value in (
            ("Account", alert.account),
            ("Provider", alert.provider),
            ("Region", alert.region),
        )
    }
    fields = [words.plain(f"{label}\n{value}") for label, value in named.items() if value]
    return [
        words.header(f"{TITLES[alert.kind]} · {_name(alert, MAX_NAME)}"),
        words.section(words.markup(f"*{_amount(alert)}* {_against(alert)}"), fields),
        *([words.section(words.plain(drivers))] if (drivers := _drivers(alert)) else []),
        words.context(words.join(_evidence(alert), _link(alert, public_url, "Open in Kumo"))),
    ]


def _digest(alerts: Sequence[Alert], public_url: str) -> list[dict[str, object]]:
    """Build the blocks of the message about several alerts: two columns each, the cost and the evidence."""
    top, rest = _rank(alerts)
    blocks = [words.header(_count(alerts))]
    for alert in top:
        title = _link(alert, public_url, TITLES[alert.kind]) or TITLES[alert.kind]
        columns = [words.plain(_about(alert)), words.markup(f"*{title}*\n{_evidence(alert)}")]
        blocks.append(words.section(None, columns))
    if rest:
        blocks.append(words.section(words.markup(_rest(rest))))
    return blocks


def _rank(alerts: Sequence[Alert]) -> tuple[list[Alert], list[Alert]]:
    """Split the alerts into those to show, by impact, and those to count."""
    ranked = sorted(alerts, key=lambda alert: (-alert.impact, alert.id))
    return ranked[:TOP], ranked[TOP:]


def _count(alerts: Sequence[Alert]) -> str:
    return f"{len(alerts):,} cost alerts"


def _rest(rest: Sequence[Alert]) -> str:
    """Count the alerts that are not shown, and add up their impacts by currency.

    One sum over several currencies would mean nothing. Withdrawn alerts have no impact any more.
    """
    sums: Counter[str] = Counter()
    for alert in rest:
        if alert.kind in {Kind.OPENED, Kind.WORSENED} and alert.impact > 0:
            sums[alert.currency] += alert.impact
    totals = [words.money(total, currency) for currency, total in sorted(sums.items())]
    if not totals:
        return f"and {len(rest):,} more"
    if len(totals) > TOP:
        totals[TOP:] = [f"more in {len(totals) - TOP} other currencies"]
    return f"and {len(rest):,} more, {', '.join(totals)} above expected in all"


def _line(alert: Alert, public_url: str) -> str:
    """Write everything important about an alert in one line of plain text."""
    about = TEST_TEXT
    if alert.kind is Kind.IMPORTED:
        about = imported.line(alert)
    elif alert.kind is not Kind.TEST:
        place = words.cut(_place(alert), MAX_NAME)
        about = words.join(_name(alert, MAX_NAME), place, f"{_amount(alert)} {_against(alert)}")
    repeat = REPEAT if alert.repeat else ""
    return words.join(TITLES[alert.kind], about, repeat, _address(alert, public_url))


def _about(alert: Alert) -> str:
    """Describe an alert in up to three lines: name, place, figures."""
    if alert.kind is Kind.TEST:
        return TEST_TEXT
    if alert.kind is Kind.IMPORTED:
        return imported.line(alert)
    lines = (_name(alert), _place(alert), f"{_amount(alert)} {_against(alert)}")
    return "\n".join(filter(None, lines))


def _name(alert: Alert, limit: int = words.MAX_VALUE) -> str:
    return words.literal(alert.service, limit) or NAMELESS


def _place(alert: Alert) -> str:
    return words.join(*map(words.literal, (alert.account, alert.provider, alert.region)))


def _amount(alert: Alert) -> str:
    return words.money(alert.amount, alert.currency)


def _against(alert: Alert) -> str:
    """Compare the amount with the expected one, in money and, if that is above zero, in percent."""
    mean = micros_of(alert.mean)
    if alert.kind is Kind.WITHDRAWN:
        return f"after correction, where {words.money(mean, alert.currency)} was expected"
    side = "below" if alert.impact < 0 else "above"
    percent = f" ({alert.impact / mean:+,.0%})" if mean > 0 else ""
    expected = words.money(mean, alert.currency)
    distance = words.money(abs(alert.impact), alert.currency)
    return f"where {expected} was expected: {distance} {side}{percent}"


def _drivers(alert: Alert) -> str:
    """Name the contributors of the cost, if a bill has them."""
    parts = [
        f"{words.literal(name, MAX_NAME)} ({words.money(micros, alert.currency)})"
        for name, micros in alert.contributors
    ]
    return f"Driven by {', '.join(parts[:DRIVERS])}" if parts else ""


def _evidence(alert: Alert) -> str:
    """Return the figures behind the verdict and the time of the entry."""
    test = alert.kind in {Kind.TEST, Kind.IMPORTED}
    moment = datetime.fromtimestamp((alert.created_at if test else alert.timestamp) / 1000, UTC)
    judged = "" if test else words.join(_figure(alert), f"{alert.n:,} earlier entries")
    return words.join(judged, f"{moment:%Y-%m-%d %H:%M} UTC", REPEAT if alert.repeat else "")


def _figure(alert: Alert) -> str:
    """Name the figure that decided: z, or the score if the detector has its own."""
    if alert.detector and alert.score is None and alert.kind is Kind.OPENED:
        return "a new series"
    own = alert.score is not None and alert.score != alert.z
    return f"score {alert.score:,.1f}" if own else f"z {alert.z:,.1f}"


def _address(alert: Alert, public_url: str) -> str:
    """Return the address of an alert's anomaly, escaped; empty without an anomaly."""
    anomaly = quote(alert.anomaly, safe="", errors="replace")
    url = html.escape(f"{public_url.rstrip('/')}/dashboard/?anomaly={anomaly}", quote=False).replace("|", "%7C")
    return url if anomaly and len(url) <= MAX_LINK else ""


def _link(alert: Alert, public_url: str, label: str) -> str:
    url = _address(alert, public_url)
    return f"<{url}|{label}>" if url else ""
