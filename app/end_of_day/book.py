"""The open book in and out of frames: one COPY out, and records back."""

import io
from datetime import date, timedelta
from typing import Any

import polars as pl

from app.core import clock
from app.core.database import current_brand, db
from app.core.share import Share, cut
from app.ledger.bulk import is_npa
from pipelines.money import MONEY
from reports.balance import balances

_TYPES = {
    "loan_id": pl.String,
    "customer_id": pl.String,
    "loan_no": pl.String,
    "days_past_due": pl.Int64,
    "sanctioned_amount": MONEY,
    "principal": MONEY,
    "interest": MONEY,
    "penal": MONEY,
    "charges": MONEY,
    "total": MONEY,
}
_MORE = {
    "npa_before": (
        pl.Date,
        """(SELECT min(d.npa_since) FROM loan_day d WHERE d.brand_id = l.brand_id AND d.customer_id = l.customer_id
            AND d.on_date = %(before)s AND d.npa_since IS NOT NULL)""",
    ),
    "penal_levied": (
        MONEY,
        # the kind is no condition: the way to a loan's entries is by the loan, however many charges there are
        """(SELECT coalesce(sum((e.facts ->> 'amount')::numeric) FILTER (WHERE e.kind = 'PENAL_CHARGE'), 0)
            FROM journal_entry e
            WHERE e.brand_id = l.brand_id AND e.loan_id = l.id AND e.business_date < %(on)s AND NOT EXISTS (
              SELECT FROM journal_entry r WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id
                AND r.kind = 'REVERSAL' AND r.facts ->> 'of_kind' = e.kind
                AND r.facts ->> 'of_reference' = e.reference))""",
    ),
    "charges_hash": (pl.String, "l.charges_hash"),
}
CUSTOMERS_AT_ONCE = 20_000
# as long as a book of a million takes, and more; compiling the query takes longer than it saves
_SESSION = "SET LOCAL datestyle TO ISO; SET LOCAL jit TO off; SET LOCAL statement_timeout TO '60min'"


# What the penal charge of a day is found by is the debt without it, however often the day is closed: where it is paid
# before principal, it would raise the very debt that it is charged on.
_ITSELF = "e.kind = 'PENAL_CHARGE' AND e.business_date = %(on)s::date"


def open_loans(on: date, share: Share, *more: str, overdue: bool = False) -> pl.LazyFrame:
    """The loans of a share that owe something at the end of `on`, with what; `more` are of _MORE. Those that are
    `overdue` are told without the penal charge of the day."""
    asked = {name: _MORE[name] for name in more}
    among = f"""{share.sql("l.customer_id")} AND l.disbursed_at < %(ends_at)s
          AND (l.closed_at IS NULL OR l.closed_at >= %(ends_at)s)
          AND l.due_date {"< %(on)s" if overdue else "IS NOT NULL"}"""
    debts = balances("%(on)s::date", among, but=_ITSELF if overdue else "false")
    query = f"""
        SELECT l.id, l.customer_id, l.loan_no, %(on)s::date - l.due_date, l.sanctioned_amount,
          b.principal, b.interest, b.penal, b.charge, b.principal + b.interest + b.penal + b.charge,
          {", ".join(value for _, value in asked.values())}
        FROM ({debts}) b JOIN loan l ON l.id = b.loan_id
        WHERE b.principal + b.interest + b.penal + b.charge > 0"""
    file = io.BytesIO()
    with db.cursor() as cursor:
        cursor.execute(_SESSION)
        values = {
            "on": on,
            "before": day_before(on),
            "ends_at": clock.start_of(on + timedelta(days=1)),
            **share.values,
        }
        cursor.copy_expert(f"COPY ({cursor.mogrify(query, values).decode()}) TO STDOUT", file)
    return _read(file, _TYPES | {name: kind for name, (kind, _) in asked.items()})


def changed_class(on: date, share: Share) -> list[dict[str, Any]]:
    """The loans whose class at the end of `on` is not the one that the journal has: loan_id, loan_no and bad."""
    # loan by loan: what the planner knows of loan_day is of before the close, when a first day had no rows at all
    query = f"""
        SELECT l.id, l.loan_no, d.bad FROM loan l CROSS JOIN LATERAL (
          SELECT d.npa_since IS NOT NULL AS bad FROM loan_day d
          WHERE d.brand_id = %(brand)s AND d.on_date = %(on)s AND d.loan_id = l.id OFFSET 0) d
        WHERE l.brand_id = %(brand)s AND {share.sql("l.customer_id")}
          AND d.bad <> {is_npa("l.id", "%(on)s::date")}"""
    values = {"brand": current_brand(), "on": on, **share.values}
    rows = db.execute_sql(query, values).fetchall()
    return [dict(zip(("loan_id", "loan_no", "bad"), row, strict=True)) for row in rows]


def _read(file: io.BytesIO, types: dict[str, pl.DataType]) -> pl.LazyFrame:
    if not file.tell():
        return pl.LazyFrame(schema=types)
    file.seek(0)
    # money is text in a COPY, and read exactly
    wire = {name: pl.String if kind == MONEY else kind for name, kind in types.items()}
    frame = pl.read_csv(
        file, has_header=False, separator="\t", quote_char=None, null_values=r"\N", schema=wire
    ).lazy()
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in types.items() if kind == MONEY)


def shares() -> list[Share]:
    """The customers who have or had a loan, so many at a time that a share fits into memory with ease."""
    query = """SELECT customer_id FROM (
          SELECT customer_id, row_number() OVER (ORDER BY customer_id) AS n FROM loan
          WHERE disbursed_at IS NOT NULL GROUP BY customer_id) borrower
        WHERE n %% %s = 0 ORDER BY n"""
    return cut([row[0] for row in db.execute_sql(query, (CUSTOMERS_AT_ONCE,)).fetchall()])


def day_before(on: date) -> date | None:
    """The last closed day before `on`; None where there is none."""
    found = db.execute_sql(
        "SELECT max(on_date) FROM eod_step WHERE brand_id = %s AND step = 'snapshot' AND on_date < %s",
        (current_brand(), on),
    )
    return found.fetchone()[0]


def columns(frame: pl.DataFrame) -> str:
    """What `json_to_recordset` reads the frame's JSON as. The service may not make tables, not even for a while, and
    COPY does not write to those under row-level security."""
    kinds = {pl.Int64: "bigint", pl.Date: "date", MONEY: "numeric"}
    return ", ".join(
        f"{name} {'uuid' if name.endswith('_id') else kinds.get(kind, 'text')}"
        for name, kind in frame.schema.items()
    )
