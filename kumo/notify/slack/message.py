"""Messages for Slack, written so that no text from data can change the look of a message.

Such text appears only in `plain_text` objects, which Slack shows letter by letter, and in the
fallback text, for which markup is turned off. `mrkdwn` objects contain only Kumo's own words,
figures and links. Everything is escaped as well, because Slack acts on `<!channel>` in any text.

- Limits: https://docs.slack.dev/reference/block-kit/blocks (and /section-block, /header-block)
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from kumo.domain.alerts import Alert, AlertKind, ImportSummary, SpendChange
from kumo.notify.slack import blocks, import_message, spend_message
from kumo.notify.text import choose_title, join, write_money

TEST_TEXT: Final = "If you can read this, Kumo's alerts reach this channel."
REPEAT: Final = "possible repeat"

# Slack allows 50 blocks, 150 characters in a header, 3,000 in a section and 2,000 in each of its
# 10 fields. It does not say whether an emoji counts as one or two, so half of each limit is safe. Four
# values and the figures share a field.
TOP: Final = 10
MAX_TEXT: Final = 3_900


def compose(alerts: Sequence[Alert], public_url: str) -> dict[str, object]:
    """Build the payload for one or more alerts: blocks, and text for clients that show no blocks.

    Several alerts make one message: the ten with the largest impact, and a count of the rest.
    `public_url` is the address of Kumo; each alert links to its anomaly there.
    """
    one = len(alerts) == 1
    laid_out = _build_card(alerts[0], public_url) if one else _build_digest(alerts, public_url)
    return {**compose_short(alerts, public_url), "blocks": laid_out}


def compose_short(alerts: Sequence[Alert], public_url: str) -> dict[str, object]:
    """Build the short payload without blocks, for when Slack refuses the long one."""
    top, rest = _rank(alerts)
    lines = [_describe_in_line(alert, public_url) for alert in top]
    if len(alerts) > 1:
        lines.insert(0, _count(alerts))
    more = f"\n{_count_rest(rest)}" if rest else ""
    text = blocks.cut("\n".join(lines), MAX_TEXT - len(more)) + more
    return {"text": text, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def _build_card(alert: Alert, public_url: str) -> list[dict[str, object]]:
    """Build the blocks of the message about one alert."""
    evidence = _describe_evidence(alert)
    match alert.content:
        case SpendChange():
            link = _write_link(alert, public_url, "Open in Kumo")
            return spend_message.build_card(choose_title(alert), alert.kind, alert.content, join(evidence, link))
        case ImportSummary():
            return import_message.build_card(alert.content, evidence)
        case None:
            text = blocks.section(blocks.plain_text(TEST_TEXT))
            return [blocks.header(choose_title(alert)), text, blocks.context(evidence)]


def _build_digest(alerts: Sequence[Alert], public_url: str) -> list[dict[str, object]]:
    """Build the blocks of the message about several alerts: two columns each, the cost and the evidence."""
    top, rest = _rank(alerts)
    laid_out = [blocks.header(_count(alerts))]
    for alert in top:
        title = _write_link(alert, public_url, choose_title(alert)) or choose_title(alert)
        evidence = blocks.markup(f"*{title}*\n{_describe_evidence(alert)}")
        laid_out.append(blocks.section(None, [blocks.plain_text(_describe_in_lines(alert)), evidence]))
    if rest:
        laid_out.append(blocks.section(blocks.markup(_count_rest(rest))))
    return laid_out


def _rank(alerts: Sequence[Alert]) -> tuple[list[Alert], list[Alert]]:
    """Split the alerts into those to show, by impact, and those to count."""
    ranked = sorted(alerts, key=lambda alert: (-alert.impact, alert.id))
    return ranked[:TOP], ranked[TOP:]


def _count(alerts: Sequence[Alert]) -> str:
    return f"{len(alerts):,} cost alerts"


def _count_rest(rest: Sequence[Alert]) -> str:
    """Count the alerts that are not shown, and add up their impacts by currency.

    One sum over several currencies would mean nothing. Withdrawn alerts have no impact any more.
    """
    sums: Counter[str] = Counter()
    for alert in rest:
        if alert.spend and alert.kind is not AlertKind.WITHDRAWN and alert.impact > 0:
            sums[alert.spend.series.currency] += alert.impact
    totals = [write_money(total, currency) for currency, total in sorted(sums.items())]
    if not totals:
        return f"and {len(rest):,} more"
    if len(totals) > TOP:
        totals[TOP:] = [f"more in {len(totals) - TOP} other currencies"]
    return f"and {len(rest):,} more, {', '.join(totals)} above expected in all"


def _describe_in_line(alert: Alert, public_url: str) -> str:
    """Write everything important about an alert in one line of plain text."""
    address = spend_message.write_address(alert.spend, public_url) if alert.spend else ""
    return join(choose_title(alert), _describe(alert), _mark_repeat(alert), address)


def _describe_in_lines(alert: Alert) -> str:
    return spend_message.describe_in_lines(alert.kind, alert.spend) if alert.spend else _describe(alert)


def _describe(alert: Alert) -> str:
    match alert.content:
        case SpendChange():
            return spend_message.describe(alert.kind, alert.content)
        case ImportSummary():
            return import_message.describe(alert.content)
        case None:
            return TEST_TEXT


def _describe_evidence(alert: Alert) -> str:
    """Return the figures behind the verdict and the time of the entry; the day of a total is told before."""
    spend = alert.spend
    judged = spend_message.describe_evidence(spend) if spend else ""
    if spend and spend.total:
        return join(judged, _mark_repeat(alert))
    moment = datetime.fromtimestamp((spend.timestamp if spend else alert.created_at) / 1000, UTC)
    return join(judged, f"{moment:%Y-%m-%d %H:%M} UTC", _mark_repeat(alert))


def _mark_repeat(alert: Alert) -> str:
    return REPEAT if alert.delivery.repeat else ""


def _write_link(alert: Alert, public_url: str, label: str) -> str:
    url = spend_message.write_address(alert.spend, public_url) if alert.spend else ""
    return f"<{url}|{label}>" if url else ""
