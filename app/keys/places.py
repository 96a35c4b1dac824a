"""Where ciphertext stands: the columns by their names, the objects by theirs."""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg2 import sql

from app.core.database import db
from app.files import SEALED, storage

# columns of ciphertext whose name does not end in _enc
_NAMED_OTHERWISE = ["webhook_event.body"]
_COLUMNS = """
SELECT c.relname, a.attname
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND (a.attname LIKE '%%\\_enc' OR c.relname || '.' || a.attname = ANY(%s))
ORDER BY 1, 2
"""
KEY_ID_BYTES_MAX = 16


@dataclass(frozen=True)
class Column:
    """One column of ciphertext; its `place` is what its values are bound to."""

    table: str
    name: str

    @property
    def place(self) -> str:
        return f"{self.table}.{self.name}"

    def query(self, text: str) -> str:
        """`text` with {table} and {column} filled in."""
        names = {"table": sql.Identifier(self.table), "column": sql.Identifier(self.name)}
        # psycopg2 quotes names only for a connection of its own
        return sql.SQL(text).format(**names).as_string(db.connection())


def columns() -> list[Column]:
    """Every column of ciphertext that the database has. Call it in a transaction."""
    return [Column(*row) for row in db.execute_sql(_COLUMNS, (_NAMED_OTHERWISE,)).fetchall()]


def objects(brand_id: str) -> Iterator[str]:
    """The keys of a brand's encrypted objects."""
    return (key for key in storage().keys(f"{brand_id}/") if key.endswith(SEALED))


def key_id_of(key: str) -> str:
    """Which data key an object is under; read from its first bytes."""
    head = storage().get_range(key, 0, KEY_ID_BYTES_MAX)
    return head.partition(b":")[0].decode("ascii", "replace")


# What belongs to no brand and is under the master key itself, and the role that may write it.
MASTERED = (Column("partner_user", "second_factor_sealed"),)
MASTERED_ROLE = "los_identity"
