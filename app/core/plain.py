"""What migrations leave in clear and SQL cannot encrypt: sealed a batch a transaction, then the column in clear goes.

Looks at what is there, so it may be stopped anywhere and run again. Sealing is the service's work (role los_app, under
the brand); that a column is empty in every brand, and its removal, are the owner's.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from app.config import settings
from app.core import crypto, database, names
from app.core.database import brand_ids, brand_scope, db

BATCH_ROWS = 1_000


@dataclass(frozen=True)
class Plain:
    """A column in clear; `<column>_enc` takes what is in it. `is_searched`: `<column>_hash` its hashes."""

    table: str
    column: str
    clean: Callable[[str], str | None] = names.tidy
    is_searched: bool = False

    @property
    def sealed(self) -> str:
        return f"{self.column}_enc"


COLUMNS = (
    Plain("customer", "name", is_searched=True),
    Plain("customer", "aadhaar_name"),
    Plain("customer", "employer_name"),
    Plain("lead_form", "name", is_searched=True),
    Plain("user_bank_account", "holder_name"),
    Plain("user_vpa", "holder_name"),
    Plain("employment", "employer_name"),
    Plain("bank_account_statement", "holder_name"),
    Plain("customer_device", "name"),
    Plain("saved_view", "filters", clean=str),
    Plain("campaign", "filters", clean=str),
    Plain("idempotency_key", "response", clean=str),
)

_BOTH = """
SELECT count(*) = 2 FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND column_name IN (%s, %s)
"""
_USED = "SELECT EXISTS (SELECT FROM {table} WHERE {column} IS NOT NULL)"
_SOME = (
    "SELECT id, {column}::text FROM {table} WHERE {column} IS NOT NULL ORDER BY id LIMIT %s FOR NO KEY UPDATE"
)
_WRITE = """
UPDATE {table} t SET {sealed} = coalesce(t.{sealed}, v.sealed), {column} = NULL
FROM (VALUES %s) v (id, sealed) WHERE t.id = v.id::uuid
"""
_WRITE_SEARCHED = """
UPDATE {table} t SET {sealed} = coalesce(t.{sealed}, v.sealed), {column} = NULL,
  {column}_hash = CASE WHEN t.{sealed} IS NULL THEN v.hashes::text[] ELSE t.{column}_hash END
FROM (VALUES %s) v (id, sealed, hashes) WHERE t.id = v.id::uuid
"""


def seal_all(owner: Connection) -> None:
    """Seal what stands in clear, and drop the columns that it stood in."""
    for plain in COLUMNS:
        while _is_there(owner, plain) and not _dropped(owner, plain):
            for _ in _seal(plain):
                pass


def _is_there(owner: Connection, plain: Plain) -> bool:
    with owner, owner.cursor() as cursor:
        cursor.execute(_BOTH, (plain.table, plain.column, plain.sealed))
        return cursor.fetchone()[0]


def _dropped(owner: Connection, plain: Plain) -> bool:
    """Drop the column if it is empty in every brand; whether it was."""
    with owner, owner.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '4s'")
        cursor.execute(f"ALTER TABLE {plain.table} NO FORCE ROW LEVEL SECURITY")
        cursor.execute(_USED.format(table=plain.table, column=plain.column))
        (is_used,) = cursor.fetchone()
        if not is_used:
            cursor.execute(f"ALTER TABLE {plain.table} DROP COLUMN {plain.column}")
        cursor.execute(f"ALTER TABLE {plain.table} FORCE ROW LEVEL SECURITY")
    return not is_used


def _seal(plain: Plain) -> Iterator[int]:
    """Seal a batch after the other; how many values each had."""
    if not database.is_connected():
        database.connect(settings().database_url, settings().database_pool_size)
    for brand_id in brand_ids():
        sealed = 1
        while sealed:
            with brand_scope(brand_id):
                sealed = _seal_some(plain)
            yield sealed


def _seal_some(plain: Plain) -> int:
    told = {"table": plain.table, "column": plain.column, "sealed": plain.sealed}
    found = db.execute_sql(_SOME.format(**told), (BATCH_ROWS,)).fetchall()
    if found:
        write = (_WRITE_SEARCHED if plain.is_searched else _WRITE).format(**told)
        with db.cursor() as cursor:
            execute_values(cursor, write, [_row(plain, *one) for one in found], page_size=BATCH_ROWS)
    return len(found)


def _row(plain: Plain, id_: Any, text: str) -> tuple[Any, ...]:
    clean = plain.clean(text)
    sealed = None if clean is None else crypto.encrypt(clean.encode(), f"{plain.table}.{plain.sealed}")
    return (str(id_), sealed, names.hashes(clean)) if plain.is_searched else (str(id_), sealed)
