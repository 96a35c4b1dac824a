"""How the rows of a book get into the database, as the owner of the tables: under every rule, or with the rules lifted.

A small book meets each policy, constraint and trigger row by row. For a large one that takes longer than everything
else together, so indexes and constraints are taken off and put back, which checks all rows at once. Both happen in
the transaction that writes: when it breaks off, nothing has changed.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from app.seed.book.tables import ADDED, COLUMNS

Texts = Mapping[str, bytes]

_BUFFER_BYTES, _SORT_MB = 1 << 20, 512
# shorter than the second after which PostgreSQL looks for a deadlock: we step back before it ends somebody else
_LOCK_WAIT_MS, _LOCK_TRIES = 400, 500

_CONSTRAINTS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype IN ('p', 'u') AND conrelid = ANY (%(tables)s::regclass[])
  OR contype = 'f' AND confrelid = ANY (%(tables)s::regclass[])
ORDER BY contype = 'f', 1, 2"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY (%(tables)s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE contype IN ('p', 'u') AND conindid = indexrelid) ORDER BY 1"""
_UNBALANCED = """
SELECT entry_id FROM journal_line WHERE brand_id = %s GROUP BY entry_id HAVING sum(debit) <> sum(credit) LIMIT 1"""


def in_parts(connection: Connection, brand_id: str, parts: Iterable[Texts]) -> Iterator[None]:
    """Each part in a transaction of its own, under every rule; yields when it is in."""
    for part in parts:
        with connection, connection.cursor() as cursor:
            _enter(cursor, brand_id)
            for table, text in part.items():
                _insert(cursor, table, text)
        yield
    with connection, connection.cursor() as cursor:
        analyse(cursor)


def as_a_whole(connection: Connection, brand_id: str, parts: Iterable[Texts]) -> Iterator[None]:
    """All parts in one transaction, with the rules lifted; yields when one is in, and ends when all are checked.

    Nobody else reads or writes these tables until then."""
    with connection, connection.cursor() as cursor:
        _enter(cursor, brand_id)
        with _rules_lifted(cursor):
            for part in parts:
                for table, text in part.items():
                    _insert(cursor, table, text) if table in ADDED else _copy(cursor, table, table, text)
                yield
        cursor.execute(_UNBALANCED, (brand_id,))
        if found := cursor.fetchone():
            raise ValueError(f"journal entry {found[0]} is out of balance")


@contextmanager
def _rules_lifted(cursor: Cursor) -> Iterator[None]:
    # what is added to needs its key
    tables = [table for table in COLUMNS if table not in ADDED]
    constraints, indexes = (_found(cursor, query, tables) for query in (_CONSTRAINTS, _INDEXES))
    _lock(cursor, sorted({*tables, *(table for table, _, _ in constraints)}))
    # foreign keys first: they stand on the other constraints
    _all(cursor, (f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in reversed(constraints)))
    _all(cursor, (f"DROP INDEX {name}" for name, _ in indexes))
    _all(
        cursor, (f"ALTER TABLE {table} DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY" for table in tables)
    )
    yield
    cursor.execute(f"SET LOCAL maintenance_work_mem = '{_SORT_MB}MB'")
    _all(cursor, (definition for _, definition in indexes))
    keys, references = (
        [c for c in constraints if c[2].startswith("FOREIGN") is foreign] for foreign in (False, True)
    )
    _add(cursor, keys)
    # each foreign key is checked by one join of both tables: by hash, for what is to be looked up is all of them
    analyse(cursor)
    _all(cursor, (f"SET LOCAL {way} = off" for way in ("enable_nestloop", "enable_mergejoin")))
    _add(cursor, references)
    _all(cursor, (f"ALTER TABLE {table} ENABLE TRIGGER USER, FORCE ROW LEVEL SECURITY" for table in tables))


def analyse(cursor: Cursor) -> None:
    """The planner knows of the rows at once."""
    cursor.execute(f"ANALYZE {', '.join(COLUMNS)}")


def _add(cursor: Cursor, constraints: list[tuple[str, ...]]) -> None:
    _all(cursor, (f"ALTER TABLE {table} ADD CONSTRAINT {name} {told}" for table, name, told in constraints))


def _found(cursor: Cursor, query: str, tables: list[str]) -> list[tuple[str, ...]]:
    cursor.execute(query, {"tables": tables})
    return cursor.fetchall()


def _enter(cursor: Cursor, brand_id: str) -> None:
    cursor.execute("SELECT set_config('app.brand_id', %s, true)", (brand_id,))


def _insert(cursor: Cursor, table: str, text: bytes) -> None:
    """COPY itself is refused under row-level security: it fills a temporary table, and an INSERT meets the rules."""
    names, again = _names(table), f" ON CONFLICT {ADDED[table]}" if table in ADDED else ""
    cursor.execute(f"CREATE TEMP TABLE seeded ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")
    _copy(cursor, "seeded", table, text)
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM seeded{again}")
    cursor.execute("DROP TABLE seeded")


def _copy(cursor: Cursor, into: str, table: str, text: bytes) -> None:
    cursor.copy_expert(f"COPY {into} ({_names(table)}) FROM STDIN", io.BytesIO(text), _BUFFER_BYTES)


def _names(table: str) -> str:
    return ", ".join(COLUMNS[table])


def _all(cursor: Cursor, statements: Iterable[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


def _lock(cursor: Cursor, tables: list[str]) -> None:
    """Hold all tables or none of them: whoever has one and waits for another gets it."""
    cursor.execute(f"SET LOCAL lock_timeout = {_LOCK_WAIT_MS}")
    for tries_left in reversed(range(_LOCK_TRIES)):
        cursor.execute("SAVEPOINT unlocked")
        try:
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
            break
        except LockNotAvailable:
            if not tries_left:
                raise
            cursor.execute("ROLLBACK TO SAVEPOINT unlocked")
    cursor.execute("SET LOCAL lock_timeout = 0")
