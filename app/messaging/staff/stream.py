"""Notifications as they come (server-sent events): what was missed, then each that Redis carries, until the token ends.

Redis only makes it quick: at each beat the database is asked as well, so what Redis lost comes a beat later. Each
event has the notification's id; after a break a client sends the last as `Last-Event-ID`. It may get one twice.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import redis

from app.config import settings
from app.core import clock
from app.core.database import brand_scope
from app.core.errors import DomainError, Unavailable
from app.core.memory import shared_memory
from app.messaging.staff import portal
from app.staff import service as staff

BEAT_S = 15.0
LOOK_S = 1.0
_open = 0
_lock = threading.Lock()


def take_place() -> None:
    """A stream holds a thread of the API: raises Unavailable when this process has no more for them."""
    global _open
    with _lock:
        if _open >= settings().streams_max:
            raise Unavailable("Too many streams are open; ask for the list.", retry_after_s=30)
        _open += 1


def leave() -> None:
    """The stream has ended."""
    global _open
    with _lock:
        _open -= 1


def events(brand_id: str, user_id: UUID, claims: dict[str, Any], last_id: UUID | None) -> Iterator[str]:
    """The stream of one member of staff, each event as text. Call it outside of any scope."""
    ends_at = datetime.fromtimestamp(claims["exp"], UTC)
    seen: set[str] = {str(last_id)}
    yield "retry: 3000\n\n"
    with closing(shared_memory().pubsub(ignore_subscribe_messages=True)) as heard:
        _subscribe(heard, portal.channel(brand_id, user_id))
        while clock.now() < ends_at and _is_open(claims):
            with brand_scope(brand_id):
                missed = portal.since(user_id, last_id)
            for told in missed:
                yield from _event(told, seen)
            yield ": beat\n\n"
            beat_ends = time.monotonic() + min(BEAT_S, (ends_at - clock.now()).total_seconds())
            while time.monotonic() < beat_ends:
                for told in _heard(heard):
                    yield from _event(told, seen)
            last_id = None
    yield "event: end\ndata: {}\n\n"


def _event(told: dict[str, Any], seen: set[str]) -> Iterator[str]:
    if told["id"] not in seen:
        seen.add(told["id"])
        yield f"id: {told['id']}\nevent: notification\ndata: {json.dumps(told)}\n\n"


def _is_open(claims: dict[str, Any]) -> bool:
    """Whether the session behind the token still stands."""
    try:
        staff.check_session(claims)
    except DomainError:
        return False
    return True


def _subscribe(heard: redis.client.PubSub, name: str) -> None:
    # without Redis the database is still asked at each beat
    with suppress(redis.RedisError):
        heard.subscribe(name)


def _heard(heard: redis.client.PubSub) -> list[dict[str, Any]]:
    """What Redis carried within a look; without Redis, nothing after as long."""
    try:
        message = heard.get_message(timeout=LOOK_S)
    except (redis.RedisError, RuntimeError):
        time.sleep(LOOK_S)
        return []
    return [json.loads(message["data"])] if message else []
