"""Proving the audit trail: every link, every seal, the anchor in storage, and events that no link holds.

The links tell what was changed, moved or taken away; the seals that nobody wrote the links anew; the anchor, which
lies outside of the database, that the end of the trail was not cut off together with its seals.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg2.extensions import cursor as Cursor

from app.core import clock
from app.core.database import current_brand, snapshot_scope
from app.core.sealing import EVENT_HASH, START, Seal, link_hash, newest_seal, unsealed_from
from app.files import storage
from storage import ObjectMissing, key_for

# An anchor is written every quarter of an hour; a trail that is older than this has one.
ANCHORED_AFTER = timedelta(hours=2)
_ROWS_AT_ONCE = 2_000

_WALK = f"""
SELECT l.seq, l.id, l.event_hash, l.hash, e.id IS NOT NULL, {EVENT_HASH}, e.action, e.created_at,
       s.hash, s.reached_at, s.signature
FROM audit_link l
LEFT JOIN audit_event e ON e.brand_id = l.brand_id AND e.id = l.id
LEFT JOIN audit_seal s ON s.brand_id = l.brand_id AND s.seq = l.seq
ORDER BY l.seq
"""
_UNLINKED = """
SELECT e.id, e.action, e.created_at, e.id < %s FROM audit_event e
WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.brand_id = e.brand_id AND l.id = e.id) ORDER BY e.id
"""
_FIRST_SEALED = "SELECT min(created_at) FROM audit_seal"
_LAST_SEAL = "SELECT seq, hash, reached_at, signature FROM audit_seal ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong. `kind`: CHANGED, MISSING, REORDERED, INSERTED, FORGED (links or seals that were
    written anew) or UNANCHORED. `seq` is the place in the chain, where there is one."""

    kind: str
    text: str
    seq: int | None = None
    event_id: str | None = None

    def __str__(self) -> str:
        place = f" at {self.seq}" if self.seq else ""
        event = f": event {self.event_id}" if self.event_id else ""
        return f"{self.kind}{place}{event}: {self.text}"


@dataclass(frozen=True)
class Verdict:
    """What was looked at, and the first fault. `waiting` events are too new to be sealed."""

    brand_id: str
    events: int
    waiting: int
    fault: Fault | None


@dataclass(frozen=True)
class _Link:
    """One row of _WALK."""

    seq: int
    event_id: UUID | str
    event_hash: str
    hash: str
    there: bool
    actual_hash: str
    action: str | None
    made_at: datetime | None
    sealed_hash: str | None
    sealed_at: datetime | None
    signature: str | None


def anchor() -> None:
    """Put the newest seal of this brand where the database cannot reach."""
    seal = newest_seal()
    if seal:
        about = {
            "seq": seal.seq,
            "hash": seal.hash,
            "reachedAt": seal.reached_at.isoformat(),
            "signature": seal.signature,
        }
        storage().put(_anchor_key(current_brand()), json.dumps(about).encode(), "application/json")


def _anchor_key(brand_id: str) -> str:
    return key_for(brand_id, "audit", "head.json")


def _anchored(brand_id: str) -> Seal | None:
    try:
        told = json.loads(storage().get(_anchor_key(brand_id)))
    except ObjectMissing:
        return None
    return Seal(told["seq"], told["hash"], datetime.fromisoformat(told["reachedAt"]), told["signature"])


def verify(brand_id: str) -> Verdict:
    """Look at the whole trail of a brand as at one instant; asked outside of any scope."""
    # before the snapshot: an anchor is never ahead of what is committed
    anchored = _anchored(brand_id)
    with snapshot_scope(brand_id) as cursor:
        walk = _Walk(brand_id, anchored)
        fault = walk.fault_of(_links(cursor)) or _fault_of_the_end(cursor, brand_id, walk, anchored)
        waiting, inserted = _unlinked(cursor)
    return Verdict(brand_id, walk.seq + waiting, waiting, fault or inserted)


def _links(cursor: Cursor) -> Iterator[_Link]:
    # a cursor of the server: the trail does not have to fit into memory. `withhold`, because the driver does not
    # know of the transaction that peewee began
    with cursor.connection.cursor("audit_walk", withhold=True) as rows:
        rows.itersize = _ROWS_AT_ONCE
        # all of it is read: a plan made for the first rows looks each event up by itself
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1; SET LOCAL enable_nestloop = off")
        rows.execute(_WALK)
        for row in rows:
            yield _Link(*row)


class _Walk:
    """Along the chain from its start; stops at the first link that does not hold."""

    def __init__(self, brand_id: str, anchored: Seal | None) -> None:
        self.brand_id, self.anchored = brand_id, anchored
        self.seq, self.head = 0, START

    def fault_of(self, links: Iterator[_Link]) -> Fault | None:
        for link in links:
            fault = self._fault_of(link)
            if fault:
                return fault
            self.seq, self.head = link.seq, link.hash
        return None

    def _fault_of(self, link: _Link) -> Fault | None:
        if link.seq != self.seq + 1:
            return Fault("MISSING", f"the link is gone; the next one is {link.seq}", self.seq + 1)
        if not link.there:
            return self._at(link, "MISSING", "the event is gone")
        told = f"{link.action} of {link.made_at:%Y-%m-%d %H:%M:%S}"
        if link.actual_hash != link.event_hash:
            return self._at(link, "CHANGED", f"{told} is not what was written")
        if link.hash != link_hash(self.brand_id, link.seq, self.head, link.event_hash):
            return self._at(link, "REORDERED", f"{told} does not follow the one before it")
        if not self._fits_seals(link):
            return self._at(link, "FORGED", f"{told}: the seal does not fit, links were written anew")
        return None

    def _fits_seals(self, link: _Link) -> bool:
        if self.anchored and self.anchored.seq == link.seq and self.anchored.hash != link.hash:
            return False
        if link.signature is None:
            return True
        seal = Seal(link.seq, link.sealed_hash, link.sealed_at, link.signature)
        return seal.hash == link.hash and seal.is_ours(self.brand_id)

    def _at(self, link: _Link, kind: str, text: str) -> Fault:
        return Fault(kind, text, link.seq, str(link.event_id))


def _fault_of_the_end(cursor: Cursor, brand_id: str, walk: _Walk, anchored: Seal | None) -> Fault | None:
    """Whether the chain ends where the newest seal and the anchor say."""
    seal = _one(cursor, _LAST_SEAL)
    sealed_seq = seal[0] if seal else 0
    if sealed_seq > walk.seq:
        return Fault("MISSING", f"the chain was sealed up to {sealed_seq}", walk.seq + 1)
    if sealed_seq < walk.seq:
        return Fault("INSERTED", "links that nobody sealed", sealed_seq + 1)
    if anchored and not anchored.is_ours(brand_id):
        return Fault("FORGED", "the anchor in storage is not signed by us", anchored.seq)
    if anchored and anchored.seq > walk.seq:
        return Fault("MISSING", f"the anchor in storage knows {anchored.seq} events", walk.seq + 1)
    first: Any = _one(cursor, _FIRST_SEALED)[0]
    if anchored is None and first and first < clock.now() - ANCHORED_AFTER:
        return Fault("UNANCHORED", "there is no anchor in storage")
    return None


def _unlinked(cursor: Cursor) -> tuple[int, Fault | None]:
    """How many events wait for their link, and the first that is too old to."""
    seal = _one(cursor, _LAST_SEAL)
    cursor.execute(_UNLINKED, (str(unsealed_from(Seal(*seal) if seal else None)),))
    waiting, inserted = 0, None
    for event_id, action, made_at, too_old in cursor:
        waiting += 1
        if too_old and inserted is None:
            text = f"{action} of {made_at:%Y-%m-%d %H:%M:%S} is in no link"
            inserted = Fault("INSERTED", text, event_id=str(event_id))
    return waiting, inserted


def _one(cursor: Cursor, query: str) -> tuple | None:
    cursor.execute(query)
    return cursor.fetchone()
