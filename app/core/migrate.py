"""Migrations: numbered SQL files, forward only, each in one transaction, under an advisory lock.

A file that was applied must never change: its checksum is kept and compared. What SQL cannot do, encryption, follows
the files: `app.core.plain`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from app.core import plain

DIRECTORY = Path(__file__).parents[1] / "migrations"
_LOCK = 7_402_114

# los_app: what the service signs in as. los_owner: owns the tables, used for migrations alone.
# los_relay, los_identity, los_admin: narrow roles that los_app may take on for one transaction (NOINHERIT).
_ROLES = """
DO $$
DECLARE
  declared CONSTANT text[] := ARRAY[
    'los_owner LOGIN', 'los_app LOGIN NOINHERIT', 'los_relay NOLOGIN', 'los_identity NOLOGIN',
    'los_admin NOLOGIN'];
  role text;
BEGIN
  FOREACH role IN ARRAY declared LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = split_part(role, ' ', 1)) THEN
      EXECUTE 'CREATE ROLE ' || role || ' NOBYPASSRLS';
    END IF;
  END LOOP;
END $$;
GRANT los_relay, los_identity, los_admin TO los_app;
"""


class MigrationError(Exception):
    """A migration cannot be applied; the text says which and why."""


def bootstrap(superuser_url: str, *, owner_password: str, app_password: str, database: str = "los") -> None:
    """Make the roles (with these passwords) and the database, where they are missing."""
    with closing(psycopg2.connect(superuser_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(_ROLES)
            for role, password in (("los_owner", owner_password), ("los_app", app_password)):
                cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD %s").format(sql.Identifier(role)), (password,))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            if not cursor.fetchone():
                name = sql.Identifier(database)
                cursor.execute(sql.SQL("CREATE DATABASE {} OWNER los_owner").format(name))
                cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
                cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO los_app").format(name))


def migrate(owner_url: str, *, directory: Path = DIRECTORY, up_to: str | None = None) -> list[str]:
    """Apply what is missing, in order, up to the version `up_to`. Returns the names applied."""
    applied = []
    with closing(psycopg2.connect(owner_url)) as connection, _locked(connection):
        done = _done(connection)
        for path in sorted(directory.glob("[0-9]*.sql")):
            text = path.read_text(encoding="utf-8")
            checksum = hashlib.sha256(text.encode()).hexdigest()
            if path.stem not in done:
                _apply(connection, path.stem, text, checksum)
                applied.append(path.stem)
            elif done[path.stem] != checksum:
                raise MigrationError(
                    f"{path.name} was changed after it was applied; write a new migration instead"
                )
            if path.stem.startswith(up_to or "-"):
                break
        plain.seal_all(connection)
    return applied


@contextmanager
def _locked(connection: Connection) -> Iterator[None]:
    # a session lock: two deploys at once wait for each other, and a crash lets it go
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        connection.commit()
        yield
        connection.rollback()
        cursor.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
        connection.commit()


def _done(connection: Connection) -> dict[str, str]:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS schema_migration ("
            " name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        cursor.execute("SELECT name, checksum FROM schema_migration")
        return dict(cursor.fetchall())


def _apply(connection: Connection, name: str, text: str, checksum: str) -> None:
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '4s'")
            cursor.execute(text)
            cursor.execute("INSERT INTO schema_migration (name, checksum) VALUES (%s, %s)", (name, checksum))
    except psycopg2.Error as error:
        raise MigrationError(f"{name}: {str(error).strip()}") from error
