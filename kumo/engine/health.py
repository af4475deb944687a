"""Whether the service can do its work, and whether what it stands on is safe."""

from typing import Final

import redis

from kumo.errors import StoreUnsafeError
from kumo.services import Services
from kumo.store import client

OLDEST_REDIS: Final = (6, 2)


def ready(services: Services) -> list[str]:
    """Return what is wrong with the store or the broker, in sentences; nothing where all is well."""
    try:
        client.check_layout(services.store)
        reasons = _unsafe(services.store.client)
        if services.settings.store_url:
            services.jobs.broker.ping()
    except StoreUnsafeError as error:
        return [str(error)]
    except redis.RedisError as error:
        return [f"Redis does not answer as it should ({type(error).__name__})."]
    return reasons


def _unsafe(store: client.Client) -> list[str]:
    info = store.info()
    reasons = []
    version = tuple(int(part) for part in str(info["redis_version"]).split(".")[:2])
    if version < OLDEST_REDIS:
        reasons.append(f"Redis {info['redis_version']} is too old: 6.2 or newer is needed.")
    if not info.get("aof_enabled"):
        reasons.append("Redis keeps no append-only file: a restart of it would lose costs (set appendonly yes).")
    if info.get("maxmemory") and info.get("maxmemory_policy") != "noeviction":
        reasons.append(f"Redis may evict keys ({info['maxmemory_policy']}): set maxmemory-policy noeviction.")
    return reasons
