"""Many reads as one statement: one trip, and all of them of the same instant."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from peewee import ModelSelect

from app.core.database import db


def at_once(
    queries: Mapping[str, ModelSelect], within: tuple[str, Sequence[Any]] = ("", ())
) -> dict[str, list[dict[str, Any]]]:
    """The rows of each query by its name, as JSON has them: numbers with a point are Decimal, dates text.

    `within`: WITH tables that the queries read instead of those of the same names, and the values in it.
    A statement sees one snapshot of the database, so what is counted in one query is what is counted in the other.
    """
    if not queries:
        return {}
    with_, given_with = within
    parts, values = [], list(given_with)
    for query in queries.values():
        text, given = query.sql()
        # as text, for the driver would read amounts as binary floats
        parts.append(f"(SELECT coalesce(json_agg(t), '[]')::text FROM ({text}) AS t)")  # noqa: S608 from peewee
        values += given
    row = db.execute_sql(f"{with_} SELECT {', '.join(parts)}", values).fetchone()
    return {name: json.loads(told, parse_float=Decimal) for name, told in zip(queries, row, strict=True)}
