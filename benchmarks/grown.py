"""A planted book made larger by SQL: every row of some tables again and again, as other people's with other loans.

Ids become others by a hash, the same wherever they stand, so that copies belong together. What a unique key holds apart
gets the number of the copy behind it. For measurements only: the copies have the same names and phones.
"""

from collections.abc import Callable, Sequence
from contextlib import closing

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

# what stands for a person or a loan, wherever it is named
_IDS = {"id", "customer_id", "loan_id"}
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  AND a.attidentity = '' ORDER BY a.attnum"""
_KEYS = """
SELECT array(SELECT a.attname FROM unnest(i.indkey) k JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k)
FROM pg_index i WHERE i.indrelid = %s::regclass AND i.indisunique"""


def grow(
    owner_url: str, brand_id: str, tables: Sequence[str], times: int, tell: Callable[[str], None]
) -> None:
    """Make tables `times` as large; each is written whole or not at all, and not again. In the order of their foreign
    keys."""
    with closing(psycopg2.connect(owner_url)) as connection:
        for name in tables:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.brand_id', %s, true)", (brand_id,))
                tell(f"{name}: {_copied(cursor, name, times):,} rows more")
        connection.autocommit = True
        connection.cursor().execute(f"VACUUM ANALYZE {', '.join(tables)}")


def _copied(cursor: Cursor, table: str, times: int) -> int:
    cursor.execute(_COLUMNS, (table,))
    columns = dict(cursor.fetchall())
    cursor.execute(_KEYS, (table,))
    apart = {key[-1] for (key,) in cursor.fetchall() if not _IDS & set(key)}
    values = sql.SQL(", ").join(_value(name, kind, name in apart) for name, kind in columns.items())
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, generate_series(2, {times}) n"
        " WHERE t.id::text LIKE '01%' ON CONFLICT DO NOTHING"
    )
    cursor.execute(
        statement.format(
            table=sql.Identifier(table),
            names=sql.SQL(", ").join(map(sql.Identifier, columns)),
            values=values,
            times=sql.Literal(times),
        )
    )
    return cursor.rowcount


def _value(name: str, kind: str, apart: bool) -> sql.Composable:
    column = sql.SQL("t.{}").format(sql.Identifier(name))
    if name in _IDS and kind == "uuid":
        return sql.SQL("overlay(md5({}::text || n) PLACING '0f' FROM 1)::uuid").format(column)
    return sql.SQL("{} || '-' || n").format(column) if apart and kind == "text" else column
