"""The brand's past decisions as a book for backtests: the latest of each application, with what became of it."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from app.loans import service as loans

_ABOUT = ("application_id", "decided_on", "outcome")
_COPY = """
COPY (
  SELECT DISTINCT ON (d.loan_id) d.loan_id, (d.created_at AT TIME ZONE 'Asia/Kolkata')::date, d.outcome, {values}
  FROM decision d JOIN decision_text t ON t.brand_id = d.brand_id AND t.hash = d.record_hash
  CROSS JOIN LATERAL jsonb_to_record(t.record::jsonb -> 'inputs') AS x({columns})
  WHERE d.ruleset_name = {ruleset}
    AND (d.created_at AT TIME ZONE 'Asia/Kolkata')::date BETWEEN {first} AND {last}
  ORDER BY d.loan_id, d.id DESC
) TO STDOUT
"""


def extract(
    cursor: Cursor,
    ruleset: str,
    features: Iterable[str],
    path: Path,
    first: date | None = None,
    last: date | None = None,
) -> pl.LazyFrame:
    """Copy the decisions made with a rule set on the days `first` to `last` into a file, and scan it.

    Every input is text, as the decision kept it; one that could not be read is text that no input can be.
    `bad` is known for loans that had time to go bad. Call it inside of `snapshot_scope`.
    """
    names = list(features)
    query = sql.SQL(_COPY).format(
        values=sql.SQL(", ").join(sql.SQL("x.{}").format(sql.Identifier(name)) for name in names),
        columns=sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in names),
        ruleset=sql.Literal(ruleset),
        first=sql.Literal(first or date.min),
        last=sql.Literal(last or date.max),
    )
    with path.open("wb") as file:
        cursor.copy_expert(query, file, 1 << 20)
    return _scan(path, names).join(_outcomes(), on="application_id", how="left").with_columns(_segment(names))


def _scan(path: Path, names: list[str]) -> pl.LazyFrame:
    schema = dict.fromkeys([*_ABOUT, *names], pl.String)
    if not path.stat().st_size:
        return pl.LazyFrame(schema=schema)
    return pl.scan_csv(
        path,
        has_header=False,
        separator="\t",
        quote_char=None,
        null_values=r"\N",
        empty_string_is_null=False,
        schema=schema,
    )


def _outcomes() -> pl.LazyFrame:
    known = [(str(loan_id), bad) for loan_id, bad in loans.known_outcomes()]
    return pl.LazyFrame(known, schema={"application_id": pl.String, "bad": pl.Boolean}, orient="row")


def _segment(names: list[str]) -> pl.Expr:
    """New customers and repeat customers are two books with one policy."""
    if "completed_loan_count" not in names:
        return pl.lit(None, dtype=pl.String).alias("segment")
    count = pl.col("completed_loan_count")
    return (
        pl.when(count.is_null() | (count == "0"))
        .then(pl.lit("new"))
        .otherwise(pl.lit("repeat"))
        .alias("segment")
    )
