"""What the API asks the database, listened to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.core.database import db


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that the API sends while the block lasts: it runs in this process."""
    database, statements = db.obj, []
    execute = database.execute_sql

    def listening(sql: str, *args: Any, **kwargs: Any) -> Any:
        statements.append(sql)
        return execute(sql, *args, **kwargs)

    database.execute_sql = listening
    try:
        yield statements
    finally:
        del database.execute_sql
