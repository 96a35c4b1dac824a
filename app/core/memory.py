"""Redis as the memory that all processes share: counters and states that may be lost."""

from functools import cache

import redis

from app.config import settings

TIMEOUT_S = 1.0


def shared_memory() -> redis.Redis:
    """The connection pool of this process. What uses it must do without: Redis may not answer."""
    return _pool(settings().redis_url)


@cache
def _pool(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, decode_responses=True
    )
