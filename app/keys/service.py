"""Rotation: new data keys, old values brought under them, and data keys brought under a new master key.

Re-encryption goes on beside the running service, a batch a transaction. Every step looks at what is there, so it can
be stopped anywhere and run again, also twice at the same time; what it has done stays done.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from peewee import IntegrityError
from psycopg2.extras import execute_values

from app.config import settings
from app.core import audit, crypto, keyring
from app.core.database import TenantModel, brand_scope, db, role_scope
from app.core.lookups import Lookup, lookups
from app.core.outbox import enqueue
from app.customers import service as customers
from app.documents import service as documents
from app.files import seal_again
from app.keys.places import MASTERED, MASTERED_ROLE, Column, columns, key_id_of, objects
from app.kyc import service as kyc
from app.privacy.inventory import HOLDINGS
from app.reporting import service as reporting
from storage import ObjectMissing

log = structlog.get_logger()

BATCH_ROWS = 500
# what rows from before do not have, columns to search by and encrypted files: each mends some and says how many
FILLS: tuple[Callable[[int], int], ...] = (
    customers.fill_email_hashes,
    customers.fill_cities,
    kyc.fill_account_hashes,
    documents.seal_old,
    reporting.end_old,
)

_COUNT = "SELECT split_part({column}, ':', 1), count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1"
# no key of the row changes, so who refers to it need not wait
_OLDER = """
SELECT id, {column} FROM {table} WHERE id > %s AND {column} IS NOT NULL AND NOT starts_with({column}, %s)
ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED"""
_MASTERED = "SELECT id, {column} FROM {table} WHERE NOT starts_with({column}, %s) FOR NO KEY UPDATE"
_WRITE_ONE = "UPDATE {table} SET {column} = %s WHERE id = %s"
_WRITE = (
    "UPDATE {table} AS t SET {column} = v.sealed FROM (VALUES %s) AS v (id, sealed) WHERE t.id = v.id::uuid"
)


@dataclass(frozen=True)
class Status:
    """How many values and objects of a brand are under which key, and the master key of each data key."""

    brand_id: str
    current: str
    values: Counter[str]
    objects: Counter[str]
    masters: dict[str, str]

    @property
    def older(self) -> int:
        """How many of both are not under the current key."""
        return (
            sum((self.values + self.objects).values())
            - self.values[self.current]
            - self.objects[self.current]
        )


def status(brand_id: str) -> Status:
    """What is under which key now. Reads the first bytes of every encrypted object."""
    current = f"d{keyring.reread(brand_id).current}"
    values: Counter[str] = Counter()
    with brand_scope(brand_id):
        for column in columns():
            values.update(dict(db.execute_sql(column.query(_COUNT)).fetchall()))
        rows = db.execute_sql("SELECT number, master_key_id FROM data_key ORDER BY number").fetchall()
    masters = {f"d{number}": master_key_id for number, master_key_id in rows}
    return Status(brand_id, current, values, Counter(map(key_id_of, objects(brand_id))), masters)


def rotate(brand_id: str, *, at_once: bool = False) -> tuple[str, bool]:
    """Begin a rotation: the key id for new values, and whether it is a new key.

    While something is under an older key the last rotation is gone on with instead, unless `at_once`. A job brings
    what is there under the key.
    """
    is_new = at_once or not status(brand_id).older
    number = keyring.add(brand_id) if is_new else keyring.ring(brand_id).current
    with brand_scope(brand_id):
        audit.record("keys.rotated", "data_key", None, after={"key": f"d{number}", "new": is_new})
        enqueue("keys.reencrypt", brand_id=brand_id)
    return f"d{number}", is_new


def rotate_master(brand_id: str) -> int:
    """Wrap the brand's data keys by the current master key. Returns how many were wrapped by another one."""
    current = settings().master_keys[0][0]
    older = "SELECT number, wrapped, master_key_id FROM data_key WHERE master_key_id <> %s FOR UPDATE"
    update = "UPDATE data_key SET wrapped = %s, master_key_id = %s WHERE number = %s"
    with brand_scope(brand_id):
        rows = db.execute_sql(older, (current,)).fetchall()
        for number, wrapped, master_key_id in rows:
            key = keyring.unwrap(brand_id, number, wrapped, master_key_id)
            db.execute_sql(update, (*keyring.wrap(brand_id, number, key), number))
        if rows:
            told = {"master_key": current, "keys": [f"d{number}" for number, *_ in rows]}
            audit.record("keys.master_rotated", "data_key", None, after=told)
    return len(rows)


def rotate_mastered() -> int:
    """Bring what belongs to no brand under the current master key. Returns how many values were under another one."""
    current, brought = settings().master_keys[0][0], 0
    with role_scope(MASTERED_ROLE):
        for column in MASTERED:
            rows = db.execute_sql(column.query(_MASTERED), (f"{current}:",)).fetchall()
            for id_, stored in rows:
                sealed = keyring.seal(keyring.unseal(stored, column.place), column.place)
                db.execute_sql(column.query(_WRITE_ONE), (sealed, id_))
            brought += len(rows)
    return brought


def reencrypt(brand_id: str) -> Iterator[int]:
    """One pass that brings everything under the current key; yields after each step how many it brought.

    What others hold at the moment is left for the next pass. A value that does not open stays as it is and is logged.
    """
    current = f"d{keyring.reread(brand_id).current}"
    with brand_scope(brand_id):
        found = columns()
    for column in found:
        yield from _reencrypt_column(brand_id, column, current)
    for key in objects(brand_id):
        yield _reencrypt_object(brand_id, key, current)
    for fill in FILLS:
        yield from _fill(brand_id, fill)


def _reencrypt_column(brand_id: str, column: Column, current: str) -> Iterator[int]:
    last = UUID(int=0)
    while True:
        with brand_scope(brand_id):
            rows = db.execute_sql(column.query(_OLDER), (last, f"{current}:", BATCH_ROWS)).fetchall()
            if not rows:
                return
            brought = [(str(id_), sealed) for id_, text in rows if (sealed := _again(text, column, id_))]
            if brought:
                with db.cursor() as cursor:
                    execute_values(cursor, column.query(_WRITE), brought, page_size=BATCH_ROWS)
        last = rows[-1][0]
        yield len(brought)


def _again(text: str, column: Column, id_: UUID) -> str | None:
    try:
        return crypto.encrypt(crypto.decrypt(text, column.place), column.place)
    except InvalidTag:
        log.error("a value does not open", place=column.place, row=str(id_))
        return None


def _reencrypt_object(brand_id: str, key: str, current: str) -> int:
    try:
        if key_id_of(key) == current:
            return 0
        with brand_scope(brand_id):
            seal_again(key)
    except ObjectMissing:
        return 0
    except InvalidTag:
        log.error("an object does not open", key=key)
        return 0
    return 1


def rehash(brand_id: str) -> Iterator[tuple[int, int]]:
    """Make every keyed hash whose plain text is kept under the current lookup key; yields after each step how many
    were made anew, and how many could not be because another record has the same.

    It compares what is there with what should be: run again it goes on, and a run that made none says that it is done.
    """
    for model in dict.fromkeys(holding.model for holding in HOLDINGS):
        if lookups(model):
            yield from _rehash_table(brand_id, model)


def _rehash_table(brand_id: str, model: type[TenantModel]) -> Iterator[tuple[int, int]]:
    made_of = lookups(model)
    names = {"id", "brand_id", *made_of, *(name for one in made_of.values() for name in one.of)}
    columns = [model._meta.fields[name] for name in sorted(names)]
    last = UUID(int=0)
    while True:
        with brand_scope(brand_id):
            batch = model.select(*columns).where(model.id > last).order_by(model.id).limit(BATCH_ROWS)
            rows = list(batch.for_update("FOR NO KEY UPDATE"))
            told = Counter(_rehashed(row, made_of) for row in rows)
        if not rows:
            return
        last = rows[-1].id
        yield told[True], told[False]


def _rehashed(row: TenantModel, made_of: Mapping[str, Lookup]) -> bool | None:
    """Whether the hashes of a row could be made anew; None where they are as they should be."""
    should_be = {name: one.made_of(row) for name, one in made_of.items()}
    changes = {name: new for name, new in should_be.items() if new is not None and new != getattr(row, name)}
    if not changes:
        return None
    try:
        with db.atomic():
            row.change(**changes)
    except IntegrityError:
        log.error(
            "another record has the same", table=row._meta.table_name, row=str(row.id), columns=[*changes]
        )
        return False
    return True


def _fill(brand_id: str, fill: Callable[[int], int]) -> Iterator[int]:
    filled = 1
    while filled:
        with brand_scope(brand_id):
            filled = fill(BATCH_ROWS)
        yield filled
