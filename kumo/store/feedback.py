"""Feedback on anomalies: one hash for each partition, and an arrival for the judge."""

from collections import Counter
from collections.abc import Sequence

from kumo.domain.feedback import Feedback, Word
from kumo.domain.judging import Arrival
from kumo.store import answers, codec, rows
from kumo.store.client import Store
from kumo.store.commands import hget, hvals
from kumo.store.entries import WAKE_MS


def record(store: Store, anomaly_id: str, feedback: Feedback | None, opened_on: Arrival) -> bool:
    """Store feedback on an anomaly, or remove it if None; return whether a judge must be woken."""
    forgiving = " ".join(word for word in Word if word.forgives)
    answer = store.scripts.run(
        "record_feedback",
        store.partition(opened_on.series_id),
        anomaly=anomaly_id,
        said=rows.dump(feedback) if feedback else "",
        arrival=codec.write_unweighed(opened_on),
        forgiving=f" {forgiving} ",
        wake_ms=WAKE_MS,
    )
    return answers.number(answer) == 1


def read(store: Store, anomaly_ids: Sequence[str]) -> list[Feedback | None]:
    """Return the last feedback on anomalies, in order."""
    places = [store.partition(anomaly[:16]).feedback for anomaly in anomaly_ids]
    texts = store.many(hget(key, anomaly) for key, anomaly in zip(places, anomaly_ids, strict=True))
    found = zip(places, anomaly_ids, texts, strict=True)
    return [_read(f"{key} {anomaly}", text) if text else None for key, anomaly, text in found]


def counts(store: Store) -> Counter[Word]:
    """Count the anomalies by their last feedback."""
    kept = store.many(hvals(partition.feedback) for partition in store.partitions)
    found = zip(store.partitions, kept, strict=True)
    return Counter(_read(partition.feedback, text).word for partition, texts in found for text in texts)


def _read(key: str, text: bytes) -> Feedback:
    return rows.load(Feedback, text, key)
