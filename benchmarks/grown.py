"""A planted book made larger by SQL: every row of some tables again and again, as other people's with other loans.

Ids become others by a hash, the same wherever they stand, so that copies belong together. What a unique key holds apart
gets the number of the copy behind it. For measurements only: the copies have the same names and phones.
"""

from collections.abc import Callable, Iterable
from contextlib import closing

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

# what stands for a person or a loan, wherever it is named
_IDS = {"id", "customer_id", "loan_id", "entity_id", "entry_id"}
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  AND a.attidentity = '' ORDER BY a.attnum"""
_KEYS = """
SELECT array(SELECT a.attname FROM unnest(i.indkey) k JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k)
FROM pg_index i WHERE i.indrelid = %s::regclass AND i.indisunique"""
_OWNED = """
SELECT c.relname FROM pg_class c
WHERE c.relname = ANY(%s) AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
    AND (a.attname = ANY('{customer_id,loan_id,entity_id,entry_id}') OR c.relname = 'customer'))
ORDER BY c.relname <> 'customer', c.relname <> 'loan', c.relname <> 'journal_entry', c.relname"""


def grow(
    owner_url: str, brand_id: str, tables: Iterable[str], times: int, tell: Callable[[str], None]
) -> None:
    """Make those of the tables that hold people or loans `times` as large. Goes on where it was broken off: a table is
    written whole or not at all."""
    with closing(psycopg2.connect(owner_url)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(_OWNED, (list(tables),))
            names = [name for (name,) in cursor.fetchall()]
        for name in names:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.brand_id', %s, true)", (brand_id,))
                tell(f"{name}: {_copied(cursor, name, times):,} rows more")
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(name)))


def _copied(cursor: Cursor, table: str, times: int) -> int:
    cursor.execute(_COLUMNS, (table,))
    columns = dict(cursor.fetchall())
    cursor.execute(_KEYS, (table,))
    apart = {key[-1] for (key,) in cursor.fetchall() if not _IDS & set(key)}
    values = sql.SQL(", ").join(_value(name, kind, name in apart) for name, kind in columns.items())
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, generate_series(2, {times}) n"
        " WHERE {first} ON CONFLICT DO NOTHING"
    )
    cursor.execute(
        statement.format(
            table=sql.Identifier(table),
            names=sql.SQL(", ").join(map(sql.Identifier, columns)),
            values=values,
            times=sql.Literal(times),
            first=sql.SQL("substr(t.id::text, 1, 2) = '01'"),
        )
    )
    return cursor.rowcount


def _value(name: str, kind: str, apart: bool) -> sql.Composable:
    column = sql.SQL("t.{}").format(sql.Identifier(name))
    if name in _IDS and kind == "uuid":
        return sql.SQL("overlay(md5({}::text || n) PLACING '0f' FROM 1)::uuid").format(column)
    return sql.SQL("{} || '-' || n").format(column) if apart and kind == "text" else column
