"""Whether the service can work, and whether its Redis is safe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import redis

from kumo.engine import liveness
from kumo.engine.ops import delivery_problems
from kumo.errors import StoreUnsafeError
from kumo.services import Services
from kumo.store import client, cluster
from kumo.store.protocol import Client, as_server

OLDEST_REDIS: Final = (6, 2)
KEEPS_ALL: Final = "noeviction"
MEANWHILE: Final = "Costs are recorded; judging them and sending alerts waits for it, and requests are not counted."

Info = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Health:
    """What must be fixed, what could not be checked, and what does not stop recording, in sentences.

    `late` must be fixed too, but meanwhile costs are recorded. They are judged later, and alerts are sent later.
    """

    wrong: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def examine(services: Services) -> Health:
    """Check every server with data of Kumo, and the workers.

    A managed Redis may forbid INFO, or leave figures out of it: this is reported, but is not a fault.
    """
    health = Health()
    apart = bool(services.settings.store_url)
    name = "The store" if apart else "Redis"
    store = services.store.client
    rules = STORE_RULES if cluster.as_cluster(store) else (*STORE_RULES, _plain)
    try:
        if _look(health, name, store, rules, health.wrong):
            client.check_layout(services.store)
            health.warnings.extend(
                liveness.describe_silent_workers(services) + delivery_problems.find_problems(services)
            )
    except StoreUnsafeError as error:
        health.wrong.append(str(error))
    except redis.RedisError as error:
        health.wrong.append(_describe_failure(name, error))
    if apart:
        silent: list[str] = []
        _look(health, "The Redis of the queues", as_server(services.jobs.hasty), BROKER_RULES, silent)
        health.late.extend(f"{sentence} {MEANWHILE}" for sentence in silent)
    return health


def _look(health: Health, name: str, asked: Client, rules: tuple["Rule", ...], silent: list[str]) -> bool:
    """Check each node, and add those that do not answer to `silent`; return whether all did."""
    answered = True
    for address, node in cluster.nodes(asked).items():
        who = f"{name} ({address})" if address else name
        try:
            info = node.info()
        except redis.exceptions.NoPermissionError:
            health.unknown.append(f"{who} does not report its settings: make sure that it loses and evicts nothing.")
        except redis.RedisError as error:
            silent.append(_describe_failure(who, error))
            answered = False
        else:
            _judge(health, who, info, rules)
    return answered


def _judge(health: Health, who: str, info: Info, rules: tuple["Rule", ...]) -> None:
    for rule in rules:
        try:
            found = rule(info)
        except KeyError as missing:
            health.unknown.append(f"{who} does not report its {missing.args[0]}: make sure that it is safe.")
        else:
            if found:
                health.wrong.append(f"{who} {found}")


def _describe_failure(who: str, error: redis.RedisError) -> str:
    return f"{who} does not answer as it should ({type(error).__name__})."


Rule = Callable[[Info], str | None]


def _old(info: Info) -> str | None:
    version = str(info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) >= OLDEST_REDIS:
        return None
    return f"is too old ({version}): 6.2 or newer is needed."


def _forgetful(info: Info) -> str | None:
    if info["aof_enabled"]:
        return None
    return "has no append-only file: a restart would lose costs (set appendonly yes)."


def _evicting(info: Info) -> str | None:
    """Also without a memory limit: once one is set, a stored answer for a repeat could be evicted."""
    policy = info["maxmemory_policy"]
    return None if policy == KEEPS_ALL else f"may evict keys ({policy}): set maxmemory-policy {KEEPS_ALL}."


def _plain(info: Info) -> str | None:
    if not info.get("cluster_enabled"):
        return None
    return "is a node of a Redis Cluster: name several of its nodes in KUMO_STORE_URL, and a plain Redis in REDIS_URL."


STORE_RULES: Final[tuple[Rule, ...]] = (_old, _forgetful, _evicting)
# Jobs are hints, so a broker may lose them: the sweep enqueues others. RQ cannot use a cluster.
BROKER_RULES: Final[tuple[Rule, ...]] = (_old, _evicting, _plain)
