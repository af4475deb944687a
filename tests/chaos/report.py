"""The table at the end: the attacks on Kumo, and their results."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from tests.chaos.findings import CHECKS
from tests.chaos.journal import KILL, LOSS
from tests.chaos.storm import Outcome

WIDTH: Final = 44
SHOWN: Final = 10


def lines(outcome: Outcome) -> Iterator[str]:
    """Yield the report, line by line."""
    plan, findings = outcome.plan, outcome.findings
    kills = Counter(f"{event.role} at {event.where}" for event in outcome.events if event.kind == KILL)
    losses = Counter(f"replies of {event.role} lost" for event in outcome.events if event.kind == LOSS)
    yield f"Seed {plan.seed}, appendfsync {plan.appendfsync}, {outcome.seconds:.0f} s"
    yield from _table("SIGKILL", sorted(kills.items()), "kills in all")
    yield from _table("On the line and at Slack", [*losses.items(), *sorted(outcome.moods.items())], "in all")
    amounts = {
        "requests": outcome.book.requests,
        "sent again": outcome.book.retries,
        "bills": outcome.book.bills,
        **findings.seen,
    }
    yield from _table("Meanwhile", amounts.items())
    yield from _table("Wrong", [(check, len(findings.wrong[check])) for check in CHECKS], "in all")
    total = sum(kills.values())
    if findings.clean and total:
        yield ""
        yield f"Nothing lost in {total} kills: at 95 % confidence, fewer than 3/{total} ({3 / total:.2%}) lose."
    for check in CHECKS:
        yield from (f"{check}: {text}" for text in findings.wrong[check][:SHOWN])


def _table(title: str, rows: Iterable[tuple[str, int]], total: str = "") -> Iterator[str]:
    counted = list(rows)
    yield ""
    yield title
    for name, count in counted:
        yield f"  {name:<{WIDTH}}{count:>8,}"
    if total:
        yield f"  {total:<{WIDTH}}{sum(count for _, count in counted):>8,}"
