"""Judging: read what arrived, fold it, commit it behind the cursor."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from kumo.domain import anomalies
from kumo.domain.alerts import Alert, Kind
from kumo.domain.anomalies import Anomaly, Earlier, Step
from kumo.domain.entries import Series, entry_id
from kumo.domain.judging import Mark, Policy, Record, Verdict
from kumo.engine import deliver
from kumo.services import Services
from kumo.store import entries, feed, series
from kumo.store.feed import Slice
from kumo.store.keys import Partition

SLICE_RECORDS: Final = 500
JOB_SECONDS: Final = 5.0
LITTLE: Final = 20
DRIVERS: Final = 3


def run(services: Services, number: int) -> None:
    """Judge what is pending in a partition, for five seconds at most; asks for another job where more is left."""
    partition = services.store.partitions[number]
    feed.clear_wake(services.store, partition)
    deadline = time.monotonic() + JOB_SECONDS
    # Where another judge was faster, what woke this one may have come too late for it: look again.
    while (judged := judge_slice(services, partition)) is None or judged == SLICE_RECORDS:
        if time.monotonic() >= deadline:
            services.jobs.judge(number)
            return
    _look_around(services)


def _look_around(services: Services) -> None:
    """Judge what little waits in other partitions: their jobs are behind this one in the queue, milliseconds each.

    A large backlog is left to its own job, which another judge may have begun already.
    """
    for partition, waiting in zip(services.store.partitions, feed.backlog(services.store), strict=True):
        if 0 < waiting <= LITTLE:
            judge_slice(services, partition)


def catch_up(services: Services, partition: Partition, arrival: int) -> None:
    """Judge a partition up to an arrival, here and now, beside whoever else judges it."""
    while entries.judged_up_to(services.store, partition) < arrival:
        if judge_slice(services, partition) == 0:
            return


def judge_slice(services: Services, partition: Partition, limit: int = SLICE_RECORDS) -> int | None:
    """Judge the next arrivals of a partition; returns how many, or None where another judge was faster."""
    store = services.store
    services.reach("slice.before")
    cursor, records = feed.pending(store, partition, limit)
    services.reach("slice.after")
    if not records:
        return 0
    judged = _fold(services, partition, records)
    services.reach("commit.before")
    due = feed.commit(store, partition, cursor, records[-1].seq, services.clock(), judged)
    services.reach("commit.after")
    if due is None:
        return None
    if due:
        deliver.ask(services)
    return len(records)


def _fold(services: Services, partition: Partition, records: Sequence[Record]) -> Slice:
    """Fold records in order, each over what the ones before it left."""
    judged = Slice()
    opened = dict(feed.open_anomalies(services.store, partition, dict.fromkeys(r.series_id for r in records)))
    before = _before(services, partition, records)
    raised: list[tuple[Record, Step, Kind]] = []
    policy, states = services.policy, _States(services.policy)
    for record in records:
        if record.mark is Mark.EXCLUDED:
            continue
        current = opened.get(record.series_id)
        earlier = _earlier(record, judged, before) if record.restates else None
        after = states[record.series_id]
        verdict: Verdict | None = None
        if record.mark is not Mark.REMOVED:
            verdict, after = policy.judge(record, after)
            states[record.series_id] = after
        step = anomalies.step(current, record, verdict, earlier, policy.calm_to_close(after))
        judged.verdicts[record.entry_seq] = step.verdict
        if step.changed is not None:
            judged.anomalies[step.changed.id] = step.changed
        if step.current is not current:
            _set_open(judged, opened, record.series_id, step.current)
        if step.alert is not None:
            raised.append((record, step, step.alert))
    judged.alerts += _alerts(services, raised)
    return judged


class _States(dict[str, Any]):
    """The states of a slice's series. They are not stored yet: a policy that remembers begins each slice afresh."""

    def __init__(self, policy: Policy[Any]) -> None:
        self._policy = policy

    def __missing__(self, series_id: str) -> Any:  # noqa: ANN401 - a state is known to its policy alone
        """Return the state of a series of which nothing is known."""
        return self._policy.unpack(b"")


def _set_open(judged: Slice, opened: dict[str, Anomaly], series_id: str, current: Anomaly | None) -> None:
    judged.open[series_id] = current.id if current else ""
    if current is None:
        opened.pop(series_id, None)
    else:
        opened[series_id] = current


Before = tuple[Mapping[int, Verdict], Mapping[str, Anomaly]]


def _before(services: Services, partition: Partition, records: Sequence[Record]) -> Before:
    """Read the earlier verdicts of restated entries, and the anomalies they belonged to."""
    seqs = [record.entry_seq for record in records if record.restates]
    verdicts = feed.verdicts(services.store, partition, seqs)
    ids = [verdict.anomaly for verdict in verdicts.values() if verdict.anomaly]
    return verdicts, feed.anomalies(services.store, partition, ids)


def _earlier(record: Record, judged: Slice, before: Before) -> Earlier | None:
    """Return the anomaly that a restated entry belonged to, as this slice or the store has it."""
    verdicts, stored = before
    verdict = judged.verdicts.get(record.entry_seq) or verdicts.get(record.entry_seq)
    if verdict is None or verdict.anomaly is None:
        return None
    anomaly = judged.anomalies.get(verdict.anomaly) or stored.get(verdict.anomaly)
    return Earlier(verdict, anomaly) if anomaly else None


def _alerts(services: Services, raised: Sequence[tuple[Record, Step, Kind]]) -> list[Alert]:
    known = series.identities(services.store, [record.series_id for record, _, _ in raised])
    drove = entries.contributors(services.store, [(record.series_id, record.entry_seq) for record, _, _ in raised])
    return [
        replace(_alert(services, known[record.series_id], record, step, kind), contributors=names[:DRIVERS])
        for (record, step, kind), names in zip(raised, drove, strict=True)
    ]


def _alert(services: Services, identity: Series, record: Record, step: Step, kind: Kind) -> Alert:
    """Put an alert together. An entry that was removed costs nothing any more: it is shown as that."""
    anomaly, policy = step.changed, services.policy
    verdict = step.verdict or policy.judge(replace(record, amount=0), policy.unpack(b""))[0]
    number = anomaly.alerts if anomaly else 1
    return Alert(
        id=f"{anomaly.id if anomaly else ''}-{number}",
        kind=kind,
        created_at=services.clock(),
        anomaly=anomaly.id if anomaly else "",
        entry=entry_id(record.series_id, record.entry_seq),
        service=identity.service,
        provider=identity.provider,
        account=identity.account,
        region=identity.region,
        currency=identity.currency,
        timestamp=record.timestamp,
        amount=verdict.amount,
        mean=verdict.mean or 0.0,
        stddev=verdict.stddev or 0.0,
        z=verdict.z or 0.0,
        n=verdict.n,
        impact=verdict.impact or 0,
    )
