"""Figures of everybody's loans as they are now; of one's own or a team's, which have to be counted, as they were within
the last minute."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import redis
from peewee import ModelSelect

from app.config import settings
from app.core import clock
from app.core.at_once import at_once
from app.core.database import current_brand
from app.core.memory import shared_memory
from app.dashboards.lists import Whose


@dataclass(frozen=True)
class Figures:
    """One row by the name of each query, all of the instant `as_of`."""

    as_of: datetime
    rows: Mapping[str, dict[str, Any]]


def of(queries: Mapping[str, ModelSelect], whose: Whose, today: date) -> Figures:
    """What the queries give of the tally of those whose loans count."""
    within, seconds = whose.tally(today), settings().figures_kept_s
    if not whose.loans or not seconds:
        return _counted(queries, within)
    # what is asked, and of whom: the values name the person or the roles
    key = _key(current_brand(), *queries, *within)
    known = _remembered(key)
    if known is None:
        known = _counted(queries, within)
        _remember(key, known, seconds)
    return known


def _counted(queries: Mapping[str, ModelSelect], within: tuple[str, Sequence[Any]]) -> Figures:
    now, found = clock.now(), at_once(queries, within)
    return Figures(now, {name: rows[0] for name, rows in found.items()})


def _key(*parts: Any) -> str:
    return f"figures:{hashlib.sha256(repr(parts).encode()).hexdigest()}"


def _remembered(key: str) -> Figures | None:
    try:
        text = shared_memory().get(key)
    except redis.RedisError:
        return None
    if text is None:
        return None
    told = json.loads(text)
    return Figures(datetime.fromisoformat(told["as_of"]), told["rows"])


def _remember(key: str, figures: Figures, seconds: int) -> None:
    text = json.dumps({"as_of": figures.as_of.isoformat(), "rows": figures.rows}, default=str)
    try:
        shared_memory().set(key, text, ex=seconds)
    except redis.RedisError:
        return
