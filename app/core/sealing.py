"""The chain of the audit trail: events are linked and sealed after they are committed, a brand at a time.

A link holds the hash of its event and a hash over the link before it; a seal signs the newest link of a batch with
a key that the database does not have. Writers never wait: they only insert events. See decision 0008.
"""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg2.extras import execute_values

from app.config import settings
from app.core.database import brand_ids, brand_scope, current_brand, db
from app.core.ids import first_of, new_id

log = structlog.get_logger()

BATCH = 2_000
POLL_S = 2
# No transaction lasts this long, so no event that is older than the newest link by more can still appear.
LATEST = timedelta(hours=1)
START = "0" * 64

# What an event says, in a form that depends on nothing else. Columns that come later stay outside.
EVENT_HASH = """encode(sha256(convert_to(jsonb_build_array(
  e.id, e.brand_id, extract(epoch FROM e.created_at), e.actor_id, e.actor_role, e.action, e.entity, e.entity_id,
  e.subject_id, e.before, e.after, e.reason, e.request_id, e.ip, e.user_agent, e.device)::text, 'UTF8')), 'hex')"""

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('audit|' || %s, 0))"
_NEWEST_SEAL = "SELECT seq, hash, reached_at, signature FROM audit_seal ORDER BY seq DESC LIMIT 1"
_WAITING = f"""
SELECT e.id, e.created_at, {EVENT_HASH} FROM audit_event e
WHERE e.id >= %s AND NOT EXISTS (SELECT FROM audit_link l WHERE l.brand_id = e.brand_id AND l.id = e.id)
ORDER BY e.id LIMIT %s
"""
_LINK = "INSERT INTO audit_link (brand_id, id, seq, event_hash, hash) VALUES %s"
_SEAL = (
    "INSERT INTO audit_seal (brand_id, id, seq, hash, reached_at, signature) VALUES (%s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True)
class Seal:
    """The head of a chain: its last link, and the latest moment of an event up to there."""

    seq: int
    hash: str
    reached_at: datetime
    signature: str

    def is_ours(self, brand_id: str) -> bool:
        """Whether the signature is that of the key of this installation."""
        return hmac.compare_digest(self.signature, sign(brand_id, self.seq, self.hash, self.reached_at))


def sign(brand_id: str, seq: int, head: str, reached_at: datetime) -> str:
    """The signature of a seal, in hex."""
    text = f"{brand_id}|{seq}|{head}|{reached_at.timestamp():.6f}"
    return hmac.new(settings().audit_key, text.encode(), hashlib.sha256).hexdigest()


def link_hash(brand_id: str, seq: int, before: str, event_hash: str) -> str:
    """The hash of a link, in hex."""
    return hashlib.sha256(f"{brand_id}|{seq}|{before}|{event_hash}".encode()).hexdigest()


def newest_seal() -> Seal | None:
    """The newest seal of this brand."""
    row = db.execute_sql(_NEWEST_SEAL).fetchone()
    return Seal(*row) if row else None


def unsealed_from(seal: Seal | None) -> UUID:
    """The id from which events may still wait for their link; before it every one has its own."""
    return first_of(seal.reached_at - LATEST) if seal else UUID(int=0)


def seal_batch() -> int:
    """Link and seal up to BATCH events of this brand. Returns how many; 0 also while somebody else does it.

    All of it is one transaction: after a crash nothing of the batch is there, and the next one does it again.
    """
    brand_id = current_brand()
    if not db.execute_sql(_LOCK, (brand_id,)).fetchone()[0]:
        return 0
    before = newest_seal()
    events = db.execute_sql(_WAITING, (str(unsealed_from(before)), BATCH)).fetchall()
    if events:
        links = list(_linked(brand_id, before, events))
        with db.cursor() as cursor:
            execute_values(cursor, _LINK, links, page_size=BATCH)
        _seal(brand_id, before, links[-1], max(made_at for _, made_at, _ in events))
    return len(events)


def _linked(brand_id: str, before: Seal | None, events: list[tuple]) -> Iterator[tuple[Any, ...]]:
    seq, head = (before.seq, before.hash) if before else (0, START)
    for event_id, _, event_hash in events:
        seq += 1
        head = link_hash(brand_id, seq, head, event_hash)
        yield brand_id, event_id, seq, event_hash, head


def _seal(brand_id: str, before: Seal | None, last: tuple[Any, ...], latest: datetime) -> None:
    _, _, seq, _, head = last
    reached_at = max(latest, before.reached_at) if before else latest
    signature = sign(brand_id, seq, head, reached_at)
    db.execute_sql(_SEAL, (brand_id, str(new_id()), seq, head, reached_at, signature))


def seal_all() -> int:
    """Seal what waits in every brand. Returns how many events that were."""
    return sum(_seal_brand(brand_id) for brand_id in brand_ids())


def _seal_brand(brand_id: str) -> int:
    total = 0
    while True:
        with brand_scope(brand_id):
            sealed = seal_batch()
        total += sealed
        if sealed < BATCH:
            return total


def seal_forever(stop: threading.Event) -> None:
    """Seal until `stop`. An unreachable PostgreSQL is logged and tried again."""
    while not stop.wait(POLL_S):
        try:
            seal_all()
        except Exception as error:  # the sealer must outlive any outage of the database
            log.warning("sealer waits", error=repr(error))
